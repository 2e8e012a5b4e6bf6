//! The values of options: parsers of their text, with error messages that say what was expected.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::domain::account::{Account, Principal, is_region};
use crate::domain::vault::InventoryMode;
use crate::domain::words::Timestamp;
use crate::server::LogLevel;
use crate::service::JobTiming;
use crate::time::Clock;

/// The principals of one flag, of one key of the configuration file, or of the variable.
#[derive(Clone, Debug)]
pub(super) struct Principals(pub(super) Vec<Principal>);

/// The host names of one flag, of one key of the configuration file, or of the variable, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hosts(pub(super) Vec<String>);

pub(super) fn host(text: &str) -> Result<IpAddr, String> {
    match text {
        "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        text => text.parse().map_err(|_| "expected an IP address, for example 127.0.0.1 or 0.0.0.0".into()),
    }
}

pub(super) fn jobs(text: &str) -> Result<JobTiming, String> {
    match text {
        "instant" => return Ok(JobTiming::instant()),
        "by-tier" | "by_tier" => return Ok(JobTiming::by_tier()),
        "manual" => return Ok(JobTiming::manual()),
        _ => {}
    }
    match duration(text) {
        Some(duration) => Ok(JobTiming::after(duration)),
        None => {
            Err("expected `instant`, `by-tier`, `manual` or a duration with its unit, for example 5s, 2m 30s or 4h"
                .into())
        }
    }
}

pub(super) fn stalled(text: &str) -> Result<Duration, String> {
    // With zero, every body that does not arrive together with its head would count as stalled.
    let duration = duration(text).filter(|duration| !duration.is_zero());
    duration.ok_or_else(|| "expected a duration with its unit, above zero, for example 500ms, 30s or 2m".into())
}

pub(super) fn duration(text: &str) -> Option<Duration> {
    Duration::try_from(text.parse::<jiff::SignedDuration>().ok()?).ok()
}

pub(super) fn log(text: &str) -> Result<LogLevel, String> {
    LogLevel::parse(text).ok_or_else(|| LogLevel::VALUES.into())
}

pub(super) fn inventory(text: &str) -> Result<InventoryMode, String> {
    match text {
        "live" => Ok(InventoryMode::live()),
        "daily" => Ok(InventoryMode::daily()),
        _ => Err("expected `live` or `daily`".into()),
    }
}

pub(super) fn clock(text: &str) -> Result<Clock, String> {
    if text == "wall" {
        return Ok(Clock::wall());
    }
    let instant: Result<Timestamp, _> = text.parse();
    let instant = instant.map_err(|_| "expected `wall` or a timestamp, for example 2026-01-31T00:00:00Z")?;
    Ok(Clock::frozen(instant))
}

/// Reads principals with any white space between and around them: a value of several lines in a configuration file has
/// line breaks and indentation.
pub(super) fn principals(text: &str) -> Result<Principals, String> {
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

pub(super) fn account(text: &str) -> Result<Account, String> {
    text.parse().map_err(|_| "an AWS account number has exactly 12 digits".into())
}

pub(super) fn region(text: &str) -> Result<String, String> {
    if is_region(text) {
        return Ok(text.to_owned());
    }
    Err("expected 1 to 64 lower-case letters, digits and hyphens, for example eu-west-1".into())
}

/// Reads host names with any white space between and around them.
pub(super) fn hosts(text: &str) -> Result<Hosts, String> {
    let names: Vec<_> = text.split_ascii_whitespace().map(str::to_ascii_lowercase).collect();
    let is_label = |label: &str| {
        let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.bytes().all(is_inside)
    };
    if names.is_empty() || !names.iter().all(|name| name.split('.').all(is_label)) {
        return Err("expected the name of a host without a port, for example glacier or mock.example.com".into());
    }
    Ok(Hosts(names))
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
        assert_eq!(jobs("manual"), Ok(JobTiming::manual()));
        for by_tier in ["by-tier", "by_tier"] {
            assert_eq!(jobs(by_tier), Ok(JobTiming::by_tier()));
        }
        assert_eq!(jobs("5s"), after(5));
        assert_eq!(jobs("2m 30s"), after(150));
        assert_eq!(jobs("4h"), after(4 * 3600));
        for bad in ["", "5", "soon", "-5s", "4 parsecs"] {
            assert!(jobs(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_host_is_a_name_without_a_port() {
        assert_eq!(
            hosts(" Glacier \n mock.example.com "),
            Ok(Hosts(vec!["glacier".into(), "mock.example.com".into()]))
        );
        for bad in ["", " ", "glacier:4566", "http://glacier", "a..b", "*"] {
            assert!(hosts(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_region_has_lower_case_letters_digits_and_hyphens() {
        assert_eq!(region("eu-west-1"), Ok("eu-west-1".into()));
        for bad in ["", "EU", "eu west"] {
            assert!(region(bad).is_err(), "{bad:?}");
        }
    }
}
