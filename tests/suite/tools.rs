//! Programs of others that the tests run, and what happens where one is not installed.

use std::io::Write as _;
use std::process::Command;

/// Says why a test is left out, where even a passing test's words are seen. In CI nothing is left out.
pub(crate) fn is_left_out(test: &str, probe: &mut Command) -> bool {
    if probe.output().is_ok_and(|output| output.status.success()) {
        return false;
    }
    assert!(std::env::var_os("CI").is_none(), "CI must not leave out {test}: {probe:?} failed");
    // Not eprintln!, which the test harness captures.
    let _ = writeln!(std::io::stderr(), "left out: {test}, because {probe:?} failed");
    true
}
