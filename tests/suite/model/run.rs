//! Runs a sequence against the mock and the model, and reports the first difference.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Duration;

use glacier_mock::GlacierMock;

use super::known::{Kind, Known};
use super::ops::{Op, V};
use super::service::{Date, MINUTE, Service};
use super::wire::{Answer, Request, Wire};
use crate::support::MIB;

pub(super) fn agree(ops: &[Op]) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mock = GlacierMock::builder().seed(0).start();
        let mut run = Run::of(&mock);
        for (n, op) in ops.iter().enumerate() {
            // The mock's clock follows tokio's paused time, so time passes only here and the model knows every date.
            if let Op::Wait(minutes) = op {
                tokio::time::advance(Duration::from_secs(u64::from(*minutes) * 60)).await;
                run.model.pass(Date::from(*minutes) * MINUTE);
            } else {
                run.step(op).map_err(|difference| format!("operation {n}, {op:?}:\n{difference}"))?;
            }
        }
        Ok(())
    })
}

/// Removes each operation without which the sequence still fails.
pub(super) fn minimized(mut ops: Vec<Op>) -> Vec<Op> {
    while let Some(shorter) =
        (0..ops.len()).map(|n| [&ops[..n], &ops[n + 1..]].concat()).find(|shorter| agree(shorter).is_err())
    {
        ops = shorter;
    }
    ops
}

pub(super) struct Run {
    wire: Wire,
    pub(super) model: Service,
    pub(super) known: Known,
    request_ids: HashSet<String>,
}

impl Run {
    pub(super) fn of(mock: &GlacierMock) -> Self {
        let mut wire = Wire::to(mock);
        // The creation date of a vault shows the mock's time.
        let path = format!("/vaults/{}", V::A.name());
        let [_, (vault, _), _] =
            ["PUT", "GET", "DELETE"].map(|method| wire.send(&Request::new(method, &path)).unwrap());
        let vault: serde_json::Value = serde_json::from_slice(&vault.body).unwrap();
        let created: jiff::Timestamp = vault["CreationDate"].as_str().unwrap().parse().unwrap();
        let mut model = Service::default();
        model.pass(created.as_millisecond());
        Self { wire, model, known: Known::default(), request_ids: HashSet::new() }
    }

    fn step(&mut self, op: &Op) -> Result<(), String> {
        let (request, call) = self.known.call(op, &self.model);
        let (seen, id) = self.wire.send(&request)?;
        let expected = call(&mut self.model, self.known.generated(&seen)).unwrap_or_else(|refusal| refusal);
        if seen != expected {
            let text = format!("{} {}\n{}", request.method, request.path, difference(&expected, &seen));
            return Err(self.known.named(text));
        }
        if id.len() != 47 || !self.request_ids.insert(id) {
            return Err("the x-amzn-RequestId is malformed or was used before".to_owned());
        }
        self.learn(op, &request, &seen);
        Ok(())
    }

    /// Sends an operation, and returns the request, the response and its request ID, whatever the model expects.
    #[cfg(feature = "state")]
    pub(super) fn send(&mut self, op: &Op) -> Result<(Request, Answer, String), String> {
        let (request, call) = self.known.call(op, &self.model);
        let (seen, id) = self.wire.send(&request)?;
        // The model also has to know what the client did, to construct later requests.
        let _ = call(&mut self.model, self.known.generated(&seen));
        self.learn(op, &request, &seen);
        Ok((request, seen, id))
    }

    fn learn(&mut self, op: &Op, request: &Request, answer: &Answer) {
        let part_size = if let Op::InitiateMultipartUpload(_, size, _) = op { *size as usize } else { MIB };
        self.known.learn_ids(answer, self.model.now, part_size);
        match op {
            Op::ListVaults(_) => self.known.learn_marker(Kind::Vaults, answer),
            Op::ListMultipartUploads(..) => self.known.learn_marker(Kind::Uploads, answer),
            Op::ListParts(..) => self.known.learn_marker(Kind::Parts, answer),
            Op::ListJobs(..) => self.known.learn_marker(Kind::Jobs, answer),
            Op::CompleteMultipartUpload(_, id, _) => {
                let (upload, _) = self.known.upload(*id);
                self.known.learn_whole(upload, request, answer);
            }
            Op::DescribeJob(..) => self.known.learn_marker(Kind::Inventories, answer),
            _ => {}
        }
    }
}

pub(super) fn difference(expected: &Answer, seen: &Answer) -> String {
    let mut out = String::new();
    if expected.status != seen.status {
        let _ = writeln!(out, "  status: expected {}, but the mock answered {}", expected.status, seen.status);
    }
    let names: std::collections::BTreeSet<_> = expected.headers.keys().chain(seen.headers.keys()).collect();
    for name in names {
        let (expected, seen) = (expected.headers.get(name), seen.headers.get(name));
        if expected != seen {
            let text = |value: Option<&String>| value.map_or("none".to_owned(), |value| format!("{value:?}"));
            let _ = writeln!(out, "  {name}: expected {}, but the mock answered {}", text(expected), text(seen));
        }
    }
    if expected.body != seen.body {
        let at = expected.body.iter().zip(&seen.body).position(|(a, b)| a != b);
        let at = at.unwrap_or(expected.body.len().min(seen.body.len()));
        let _ = writeln!(out, "  the bodies differ at byte {at}:");
        let _ = writeln!(out, "    expected: {}\n    the mock: {}", body(&expected.body), body(&seen.body));
    }
    out
}

fn body(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.len() < 10_000 => text.to_owned(),
        _ => format!("{} bytes", bytes.len()),
    }
}
