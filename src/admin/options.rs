//! The options of the program. Each can also be set by an environment variable.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use clap::builder::{BoolishValueParser, Resettable};
use clap::{CommandFactory as _, FromArgMatches as _, Parser};

use crate::domain::account::{Account, Principal};
use crate::domain::vault::InventoryMode;
use crate::domain::words::Timestamp;
use crate::server::LogLevel;
use crate::service::JobTiming;
use crate::time::Clock;

use super::publish::PublishOptions;

/// A mock of the original, vault-based Amazon S3 Glacier service, for the AWS CLI and the SDK of any language.
///
/// All state is in memory and is lost when the program stops. Any credentials are accepted unless signatures are
/// verified. An access key ID of exactly 12 digits selects the account with that number.
#[derive(Debug, Parser)]
#[command(name = "glacier-mock", version, max_term_width = 100)]
pub(super) struct Options {
    /// The IP address to listen on. With 0.0.0.0 other machines can connect.
    #[arg(long, env = "GLACIER_MOCK_HOST", default_value = "127.0.0.1", value_parser = host)]
    pub(super) host: IpAddr,

    /// The port to listen on. 0 selects any free port.
    #[arg(long, env = "GLACIER_MOCK_PORT", default_value_t = 4566)]
    pub(super) port: u16,

    /// When jobs complete: `instant` (the default), `by-tier` (after as long as on AWS), or a fixed time after the job
    /// was started, for example `5s`, `2m 30s` or `4h`.
    #[arg(long, env = "GLACIER_MOCK_JOBS", value_name = "instant|by-tier|DURATION", value_parser = jobs)]
    pub(super) jobs: Option<JobTiming>,

    /// The content of inventories: `live` (the default) lists the archives that exist now, `daily` lists those of a
    /// snapshot taken once a day, as on AWS.
    #[arg(long, env = "GLACIER_MOCK_INVENTORY", value_name = "live|daily", value_parser = inventory)]
    pub(super) inventory: Option<InventoryMode>,

    /// The clock of the service: `wall`, or a timestamp such as 2026-01-31T00:00:00Z at which the clock is frozen.
    #[arg(long, env = "GLACIER_MOCK_CLOCK", default_value = "wall", value_name = "wall|TIMESTAMP", value_parser = clock)]
    pub(super) clock: Clock,

    /// Behave like AWS: jobs by tier, daily inventories, verified signatures. Other options override this.
    #[arg(long, env = "GLACIER_MOCK_REALISTIC", value_parser = BoolishValueParser::new())]
    pub(super) realistic: bool,

    /// Reject requests with an invalid signature or an unknown access key. Known access keys are those of
    /// `--principal`, and the one that the program prints when it starts.
    #[arg(
        long,
        env = "GLACIER_MOCK_VERIFY_SIGNATURES",
        value_name = "true|false",
        value_parser = BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(super) verify_signatures: Option<bool>,

    /// A principal. Repeat the option for several principals; in the environment variable, separate them with spaces.
    #[arg(
        long,
        env = "GLACIER_MOCK_PRINCIPAL",
        value_name = "ACCESS_KEY:SECRET:ARN",
        value_parser = principals
    )]
    principal: Vec<Principals>,

    /// The 12-digit account of callers whose access key does not select another one.
    #[arg(long, env = "GLACIER_MOCK_ACCOUNT", default_value = "000000000000", value_parser = account)]
    pub(super) account: Account,

    /// How long a request body may stall before the mock answers with RequestTimeoutException (408).
    #[arg(
        long,
        env = "GLACIER_MOCK_STALLED_UPLOAD_AFTER",
        default_value = "30s",
        value_name = "DURATION",
        value_parser = stalled
    )]
    pub(super) stalled_upload_after: Duration,

    /// What to write to standard error: nothing, one line per request, or also connection events.
    #[arg(
        long,
        env = LogLevel::VARIABLE,
        default_value = "requests",
        value_name = "off|requests|debug",
        value_parser = log
    )]
    pub(super) log: LogLevel,

    #[command(flatten)]
    pub(super) publish: PublishOptions,
}

/// The principals of one flag or of the variable.
#[derive(Clone, Debug)]
struct Principals(Vec<Principal>);

impl Options {
    /// Reads the command line, and the environment for options that are not on it. An empty variable counts as missing,
    /// because files of containers and CI often have no other way to omit one. Exits with an error message if a value
    /// is invalid.
    pub(super) fn read() -> Self {
        let command = Options::command().mut_args(|flag| {
            let is_empty = |name| std::env::var_os(name).is_some_and(|value| value.to_string_lossy().trim().is_empty());
            if flag.get_env().is_some_and(is_empty) { flag.env(Resettable::Reset) } else { flag }
        });
        Options::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
    }

    /// Returns all principals that were given.
    pub(super) fn principals(&self) -> impl Iterator<Item = Principal> + '_ {
        self.principal.iter().flat_map(|Principals(list)| list).cloned()
    }

    /// Returns whether signatures are verified, with all options taken into account.
    pub(super) fn verifies(&self) -> bool {
        self.verify_signatures.unwrap_or(self.realistic)
    }
}

fn host(text: &str) -> Result<IpAddr, String> {
    match text {
        "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        text => text.parse().map_err(|_| "expected an IP address, for example 127.0.0.1 or 0.0.0.0".into()),
    }
}

fn jobs(text: &str) -> Result<JobTiming, String> {
    match text {
        "instant" => return Ok(JobTiming::instant()),
        "by-tier" => return Ok(JobTiming::by_tier()),
        _ => {}
    }
    match duration(text) {
        Some(duration) => Ok(JobTiming::after(duration)),
        None => Err("expected `instant`, `by-tier` or a duration with its unit, for example 5s, 2m 30s or 4h".into()),
    }
}

fn stalled(text: &str) -> Result<Duration, String> {
    // With zero, every body that does not arrive together with its head would count as stalled.
    let duration = duration(text).filter(|duration| !duration.is_zero());
    duration.ok_or_else(|| "expected a duration with its unit, above zero, for example 500ms, 30s or 2m".into())
}

fn duration(text: &str) -> Option<Duration> {
    Duration::try_from(text.parse::<jiff::SignedDuration>().ok()?).ok()
}

fn log(text: &str) -> Result<LogLevel, String> {
    LogLevel::parse(text).ok_or_else(|| LogLevel::VALUES.into())
}

fn inventory(text: &str) -> Result<InventoryMode, String> {
    match text {
        "live" => Ok(InventoryMode::live()),
        "daily" => Ok(InventoryMode::daily()),
        _ => Err("expected `live` or `daily`".into()),
    }
}

fn clock(text: &str) -> Result<Clock, String> {
    if text == "wall" {
        return Ok(Clock::wall());
    }
    let instant: Result<Timestamp, _> = text.parse();
    let instant = instant.map_err(|_| "expected `wall` or a timestamp, for example 2026-01-31T00:00:00Z")?;
    Ok(Clock::frozen(instant))
}

/// Reads principals with any white space between and around them: a value of several lines in a configuration file has
/// line breaks and indentation.
fn principals(text: &str) -> Result<Principals, String> {
    if text.trim_ascii().is_empty() {
        return principal(text).map(|one| Principals(vec![one]));
    }
    text.split_ascii_whitespace().map(principal).collect::<Result<_, _>>().map(Principals)
}

fn principal(text: &str) -> Result<Principal, String> {
    const EXAMPLE: &str = "AKIAIOSFODNN7EXAMPLE:a-secret:arn:aws:iam::111122223333:user/anna";
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next().and_then(|arn| arn.parse::<Principal>().ok())) {
        (Some(key), Some(secret), Some(principal)) if Principal::is_access_key(key) => {
            Ok(principal.with_access_key(key).with_secret(secret))
        }
        _ => Err(format!("expected an access key, its secret and the ARN of a principal, for example {EXAMPLE}")),
    }
}

fn account(text: &str) -> Result<Account, String> {
    text.parse().map_err(|_| "an AWS account number has exactly 12 digits".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_consists_of_a_key_a_secret_and_an_arn() {
        let anna = principal("AKIAIOSFODNN7EXAMPLE:a/secret+:arn:aws:iam::111122223333:user/anna").unwrap();
        assert_eq!((anna.access_key(), anna.secret()), ("AKIAIOSFODNN7EXAMPLE", "a/secret+"));
        assert_eq!(anna.arn(), "arn:aws:iam::111122223333:user/anna");
        for bad in ["", "AKIA", "AKIA:secret", "AKIA:secret:anna", "A/B:secret:arn:aws:iam::111122223333:root"] {
            assert!(principal(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn white_space_separates_principals() {
        let (anna, bob) =
            ("AKIAANNA:s:arn:aws:iam::111122223333:user/anna", "AKIABOB:s:arn:aws:iam::111122223333:user/bob");
        for given in [format!("{anna} {bob}"), format!(" {anna}  {bob} "), format!("\n\t{anna}\n\t{bob}\n")] {
            let Principals(list) = principals(&given).unwrap();
            let keys: Vec<_> = list.iter().map(Principal::access_key).collect();
            assert_eq!(keys, ["AKIAANNA", "AKIABOB"], "{given:?}");
        }
        for bad in ["", " ", &format!("{anna} bob")] {
            assert!(principals(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_stalled_upload_needs_a_time_above_zero() {
        assert_eq!(stalled("1ms"), Ok(Duration::from_millis(1)));
        assert!(stalled("0s").is_err());
    }

    #[test]
    fn a_duration_needs_a_unit() {
        let after = |seconds| Ok(JobTiming::after(Duration::from_secs(seconds)));
        assert_eq!(jobs("instant"), Ok(JobTiming::instant()));
        assert_eq!(jobs("5s"), after(5));
        assert_eq!(jobs("2m 30s"), after(150));
        assert_eq!(jobs("4h"), after(4 * 3600));
        for bad in ["", "5", "soon", "-5s", "4 parsecs"] {
            assert!(jobs(bad).is_err(), "{bad}");
        }
    }
}
