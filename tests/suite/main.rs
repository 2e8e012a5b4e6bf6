//! Tests of the crate from the outside: through the AWS SDK, the AWS CLI and sockets.

mod accounts;
mod architecture;
mod archives;
mod arranging;
mod aws_cli;
mod bounded_record;
mod clients;
mod clock;
mod closures;
mod connections;
mod content;
#[cfg(feature = "standalone")]
mod control_api;
mod coverage;
mod default_client;
#[cfg(target_os = "linux")]
mod dropped_in_flight;
mod examples;
mod expectations;
mod failure_reports;
mod faults;
mod hermetic;
mod hold_time;
mod http;
mod imported_inventory;
mod jobs;
mod leftovers;
mod locks;
mod logs;
mod model;
mod multipart;
mod new_crate;
mod notifications;
mod paused_time;
mod policies;
mod policy_bounds;
mod polling_hints;
mod principals;
#[cfg(feature = "standalone")]
mod program;
#[cfg(feature = "publish")]
mod publish;
mod readme;
mod record;
mod references;
mod regions;
mod repeated_verification;
mod resets;
mod retrieval_limits;
#[cfg(feature = "state")]
mod saved;
mod service_model;
mod shared_mocks;
mod shuffle;
mod signatures;
mod start;
mod support;
mod sweep;
mod terraform;
mod tools;
mod transcript;
mod usage;
mod values;
mod vault_settings;
mod vault_state;
mod vaults;
mod verification;
mod waits;
