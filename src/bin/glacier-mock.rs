//! `glacier-mock`: the fixture as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    glacier_mock::admin::run()
}
