//! The tests of the crate as its users meet it: through the AWS SDK, the AWS CLI, and sockets.

mod architecture;
mod archives;
mod aws_cli;
mod hermetic;
mod http;
mod jobs;
#[cfg(feature = "standalone")]
mod program;
mod readme;
mod record;
mod start;
mod support;
mod vaults;
