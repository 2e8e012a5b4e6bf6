//! The options that limit what a program that runs for months uses.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::fixture::GlacierMockBuilder;
use crate::service::Bounds;

/// The number of file descriptors that are not used for clients: standard streams, the listening socket, the runtime,
/// connections that the program opens itself.
const RESERVED_DESCRIPTORS: usize = 64;

/// The bounds of the program: at most 10,000 each of deleted archives, ended uploads, ended jobs, deleted vaults,
/// notifications, and accounts and regions without a vault.
const REMEMBERED: Bounds = Bounds { most: 10_000, bytes: 256 << 20 };

/// Bounds for a program that runs for a long time.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitOptions {
    /// How many requests to keep on record.
    ///
    /// The oldest are dropped first. 0 keeps none.
    #[arg(long, env = "GLACIER_MOCK_KEEP_REQUESTS", default_value_t = 10_000, value_name = "N")]
    keep_requests: usize,

    /// How much memory the request bodies on record may take together, for example 256MiB.
    ///
    /// The oldest are dropped first. 0 keeps none.
    #[arg(
        long,
        env = "GLACIER_MOCK_KEEP_BODY_BYTES",
        default_value = "256MiB",
        value_name = "SIZE",
        value_parser = size
    )]
    keep_body_bytes: u64,

    /// The size of the largest request body, for example 64MiB.
    ///
    /// A larger one is refused without reading the rest of it. By default the limits of the service apply.
    #[arg(long, env = "GLACIER_MOCK_MAX_BODY", value_name = "SIZE", value_parser = size)]
    max_body: Option<u64>,

    /// Close a connection that sends no request, or does not finish the headers of one, for this long.
    #[arg(
        long,
        env = "GLACIER_MOCK_IDLE_TIMEOUT",
        default_value = "75s",
        value_name = "DURATION",
        value_parser = timeout
    )]
    idle_timeout: Duration,

    /// How many connections may be open at a time.
    ///
    /// When one more client connects, the connection that has waited longest for its client is closed. If all are in
    /// use, the new one waits. Defaults to the limit of open files (`ulimit -n`) minus 64.
    #[arg(long, env = "GLACIER_MOCK_MAX_CONNECTIONS", value_name = "N")]
    max_connections: Option<NonZeroUsize>,
}

impl LimitOptions {
    /// Applies the options to the settings of the mock.
    pub(super) fn apply(&self, mut settings: GlacierMockBuilder) -> GlacierMockBuilder {
        settings = settings.keep_requests(self.keep_requests).keep_all_body_bytes(self.keep_body_bytes);
        settings = settings.remember(REMEMBERED);
        if let Some(bytes) = self.max_body {
            settings = settings.max_body(bytes);
        }
        settings = settings.idle_timeout(self.idle_timeout);
        settings.max_connections(self.max_connections.unwrap_or_else(connections_by_default))
    }
}

/// Returns how many connections the limit of open files allows.
fn connections_by_default() -> NonZeroUsize {
    #[cfg(unix)]
    let open_files = rlimit::getrlimit(rlimit::Resource::NOFILE).map_or(1024, |(soft, _)| soft);
    // Windows has no such limit for sockets.
    #[cfg(not(unix))]
    let open_files = 16_384_u64;
    connections_within(usize::try_from(open_files).unwrap_or(usize::MAX))
}

fn connections_within(open_files: usize) -> NonZeroUsize {
    // With a very low limit, half of the descriptors are reserved.
    let connections = open_files.saturating_sub(RESERVED_DESCRIPTORS).max(open_files / 2);
    NonZeroUsize::new(connections).unwrap_or(NonZeroUsize::MIN)
}

/// Reads a number of bytes with an optional unit, for example 1048576, 256MiB or 1GB.
fn size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 9] = [
        ("", 1),
        ("b", 1),
        ("kb", 1000),
        ("mb", 1_000_000),
        ("gb", 1_000_000_000),
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
        ("tib", 1 << 40),
    ];
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = text[digits..].trim_start().to_ascii_lowercase();
    let unit = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, bytes)| *bytes);
    let number = text[..digits].parse::<u64>().ok();
    let bytes = number.zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    bytes.ok_or_else(|| {
        "expected a number of bytes, with a unit or without one, for example 0, 1048576 or 256MiB".into()
    })
}

fn timeout(text: &str) -> Result<Duration, String> {
    let duration = text.parse::<jiff::SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    let duration = duration.filter(|duration| !duration.is_zero());
    duration.ok_or_else(|| "expected a duration with its unit, above zero, for example 500ms, 75s or 10m".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_with_an_optional_unit() {
        for (text, bytes) in [
            ("0", 0),
            ("1048576", 1 << 20),
            ("256MiB", 256 << 20),
            ("256 mib", 256 << 20),
            ("1B", 1),
            ("3KiB", 3 << 10),
            ("2GiB", 2 << 30),
            ("1TiB", 1 << 40),
            ("5kB", 5000),
            ("7MB", 7_000_000),
            ("1GB", 1_000_000_000),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for bad in ["", "MiB", "-1", "+1", "1.5MiB", "256 MiB x", "1M", "16777216TiB", "18446744073709551616", "٣"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_idle_timeout_is_above_zero() {
        assert_eq!(timeout("500ms"), Ok(Duration::from_millis(500)));
        for bad in ["0s", "-1s", "75", "soon", ""] {
            assert!(timeout(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn descriptors_are_left_for_other_uses() {
        for (open_files, connections) in [(1024, 960), (1_048_576, 1_048_512), (100, 50), (2, 1), (1, 1), (0, 1)] {
            assert_eq!(connections_within(open_files).get(), connections, "{open_files}");
        }
    }
}
