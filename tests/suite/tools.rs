//! External programs that tests run, and what a test does if one is not installed.

use std::io::Write as _;
use std::process::Command;

/// Whether a test must be skipped because the probe fails. Writes the reason to the real standard error. Panics in CI,
/// where no test may be skipped.
pub(crate) fn is_left_out(test: &str, probe: &mut Command) -> bool {
    if probe.output().is_ok_and(|output| output.status.success()) {
        return false;
    }
    assert!(std::env::var_os("CI").is_none(), "CI must not leave out {test}: {probe:?} failed");
    leave_out(test, &format!("{probe:?} failed"));
    true
}

/// Writes the reason why a test is skipped to the real standard error.
pub(crate) fn leave_out(test: &str, reason: &str) {
    // The test harness would capture `eprintln!` and discard the text of a passing test.
    let _ = writeln!(std::io::stderr(), "left out: {test}, because {reason}");
}
