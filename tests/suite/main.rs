//! The tests of the crate as its users meet it: through the AWS SDK, the AWS CLI, and sockets.

mod accounts;
mod architecture;
mod archives;
mod aws_cli;
mod clients;
mod clock;
mod contents;
mod coverage;
mod examples;
mod faults;
mod hermetic;
mod http;
mod jobs;
mod locks;
mod model;
mod multipart;
mod notifications;
mod paused_time;
mod policies;
mod principals;
#[cfg(feature = "standalone")]
mod program;
mod readme;
mod record;
mod retrieval_limits;
mod service_model;
mod shared_mocks;
mod signatures;
mod start;
mod support;
mod terraform;
mod tools;
mod vault_settings;
mod vault_state;
mod vaults;
mod verify;
