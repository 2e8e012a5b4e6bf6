//! Formats the lines of a run as Markdown tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::BufRead as _;

use serde_json::Value;

/// The figures of one row, in the order in which the contestants were measured. The others are compared with the first
/// one.
struct Row {
    case: String,
    unit: String,
    figures: Vec<(String, f64)>,
}

/// All tables, in the order in which they were measured.
struct Report(Vec<(String, Vec<Row>)>);

/// Reads lines of JSON from standard input, and prints the tables.
pub(crate) fn write() {
    let mut report = Report(Vec::new());
    for line in std::io::stdin().lock().lines() {
        report.add(&serde_json::from_str(&line.unwrap()).unwrap());
    }
    print!("{}", report.tables());
}

impl Report {
    fn add(&mut self, line: &Value) {
        let text = |key: &str| line[key].as_str().unwrap().to_owned();
        let (bench, case, unit, figure) =
            (text("bench"), text("case"), text("unit"), (text("who"), line["value"].as_f64().unwrap()));
        let at = self.0.iter().position(|(name, _)| *name == bench).unwrap_or_else(|| {
            self.0.push((bench, Vec::new()));
            self.0.len() - 1
        });
        let rows = &mut self.0[at].1;
        match rows.iter_mut().find(|row| row.case == case) {
            Some(row) => row.figures.push(figure),
            None => rows.push(Row { case, unit, figures: vec![figure] }),
        }
    }

    /// Writes one table for rows with the same columns.
    fn tables(&self) -> String {
        let mut all = String::new();
        for (bench, rows) in &self.0 {
            let _ = writeln!(all, "\n### {}", heading(bench));
            let mut columns = Vec::new();
            for row in rows {
                let names: Vec<_> = row.figures.iter().map(|(who, _)| who.as_str()).collect();
                if names != columns {
                    let _ = writeln!(all, "\n| | {} |\n| --- |{}", names.join(" | "), " --- |".repeat(names.len()));
                    columns = names;
                }
                // The others are compared with the first figure, unless the figures are shares already.
                let first = row.figures[0].1;
                let cells = row.figures.iter().enumerate().map(|(n, (_, value))| match row.unit.as_str() {
                    "" => round(*value),
                    _ if n == 0 || first == 0.0 => round(*value),
                    _ => format!("{} ({:.2})", round(*value), value / first),
                });
                let unit = if row.unit.is_empty() { String::new() } else { format!(", {}", row.unit) };
                let _ = writeln!(all, "| {}{unit} | {} |", row.case, cells.collect::<Vec<_>>().join(" | "));
            }
        }
        all
    }
}

fn heading(bench: &str) -> &str {
    let headings = BTreeMap::from([
        ("start", "Start to first answer"),
        ("crowd", "A thousand alive in one process"),
        ("small: server CPU per request", "Small requests: processor time of the server"),
        ("small: 64 connections", "Small requests: 64 connections"),
        ("uploads", "Uploads"),
        ("uploads: server CPU each", "Uploads: processor time of the server"),
        ("downloads", "Downloads"),
        ("memory: resident / stored", "Resident memory for each byte stored"),
        ("programs", "Programs that serve Glacier: start"),
        ("programs: small requests", "Programs that serve Glacier: small requests"),
        ("programs: uploads", "Programs that serve Glacier: an upload"),
        ("unoptimised", "The unoptimised build"),
    ]);
    headings.get(bench).copied().unwrap_or(bench)
}

/// Rounds to three significant digits.
fn round(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        1.0.. => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
