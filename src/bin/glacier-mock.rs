//! The `glacier-mock` program: the mock as a standalone server.

use std::process::ExitCode;

fn main() -> ExitCode {
    glacier_mock::program::run()
}
