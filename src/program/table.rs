//! Tables on standard output.

/// A table with a header. Each column is as wide as its widest cell.
pub(super) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
    /// Whether each column contains numbers, which are aligned to the right.
    numbers: [bool; N],
}

impl<const N: usize> Table<N> {
    /// Returns a table with these headings and no rows. A `#` before a heading marks a column of numbers.
    pub(super) fn new(headings: [&str; N]) -> Self {
        let numbers = headings.map(|heading| heading.starts_with('#'));
        Table { rows: vec![headings.map(|heading| heading.trim_start_matches('#').to_owned())], numbers }
    }

    pub(super) fn push(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    /// Returns the lines of the table.
    pub(super) fn text(&self) -> String {
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: [usize; N] = std::array::from_fn(width);
        let mut text = String::new();
        for row in &self.rows {
            let cells = row.iter().enumerate().map(|(column, cell)| {
                let width = widths[column];
                if self.numbers[column] { format!("{cell:>width$}") } else { format!("{cell:width$}") }
            });
            text += cells.collect::<Vec<_>>().join("  ").trim_end();
            text.push('\n');
        }
        text
    }
}
