//! Exactly these calls, in this order.

use crate::record::call::Call;
use crate::wire::operation::Operation;

use super::table;

/// `Err` with what to tell the reader, if the calls are not exactly the expected ones. Attempts of one SDK call count
/// once.
pub(crate) fn check(expected: &[Operation], calls: &[Call]) -> Result<(), String> {
    let first_difference = expected.iter().zip(calls).position(|(want, got)| got.first().operation() != Some(*want));
    let (what, mark) = match first_difference {
        Some(n) => {
            let got = table_name(&calls[n]);
            (format!("expected call {} to be {}, it was {got}", n + 1, expected[n]), Some(n))
        }
        None if calls.len() < expected.len() => {
            let missing = expected[calls.len()];
            (format!("expected call {} to be {missing}, there was none", calls.len() + 1), None)
        }
        None if calls.len() > expected.len() => {
            let n = expected.len();
            (format!("expected {n} calls, there was another: {}", table_name(&calls[n])), Some(n))
        }
        None => return Ok(()),
    };
    Err(format!("{what}\n{}", table::render(calls, mark)))
}

fn table_name(call: &Call) -> String {
    let request = call.first();
    match request.operation() {
        Some(operation) => operation.to_string(),
        None => format!("{} {}, which is no operation of Glacier", request.method(), request.path()),
    }
}
