//! Parses the values of conditions: numbers, dates, booleans and ranges of IP addresses.

use core::net::IpAddr;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::text::decimal;

/// Parses a decimal number. An `f64` is precise enough for the ages, sizes and counts in policies.
pub(super) fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

/// Parses a date in the W3C profile of ISO 8601 (year, month, day, or an instant with its offset), or seconds since
/// 1970 (IAM user guide, "Date condition operators").
pub(super) fn date(text: &str) -> Option<OffsetDateTime> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(text.strip_prefix('-').unwrap_or(text)) && text.len() != 4 {
        return OffsetDateTime::from_unix_timestamp(text.parse().ok()?).ok();
    }
    // Adds the parts that RFC 3339 requires. The profile allows a year, a month or a day alone, and a time without
    // seconds.
    let completed = match text.len() {
        4 => format!("{text}-01-01T00:00:00Z"),
        7 => format!("{text}-01T00:00:00Z"),
        10 => format!("{text}T00:00:00Z"),
        _ => match text.split_at_checked("YYYY-MM-DDThh:mm".len()) {
            Some((minutes, offset)) if !offset.starts_with(':') => format!("{minutes}:00{offset}"),
            _ => text.to_owned(),
        },
    };
    let has_separator = completed.as_bytes().get("YYYY-MM-DD".len()) == Some(&b'T');
    OffsetDateTime::parse(&completed, &Rfc3339).ok().filter(|_| has_separator)
}

pub(super) fn truth(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Parses an address of a request. An IPv4-mapped IPv6 address counts as IPv4.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// A range of IP addresses in CIDR notation, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let (_, width) = bits(address);
        let prefix = match prefix {
            None => width,
            Some(prefix) if prefix.len() <= 3 => decimal(prefix).filter(|prefix| *prefix <= width)?,
            Some(_) => return None,
        };
        Some(Network { address, prefix })
    }

    pub(super) fn contains(self, address: IpAddr) -> bool {
        let ((first, width), (other, its_width)) = (bits(self.address), bits(address));
        // A shift by all 128 bits would overflow.
        let head = |bits: u128| bits.checked_shr(width - self.prefix).unwrap_or(0);
        width == its_width && head(first) == head(other)
    }
}

/// Returns an address as a number, and its length in bits.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decimal() {
        assert_eq!(number("365"), Some(365.0));
        assert_eq!(number("-0.50"), number("-.5"));
        for bad in ["", "a year", "inf", "NaN", "1e999", "0x10", "1,5", "${aws:EpochTime}"] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_are_iso_8601_or_seconds() {
        let year = date("2020-01-01T00:00:00Z");
        for same in ["2020", "2020-01", "2020-01-01", "2020-01-01T00:00Z", "2020-01-01T01:00:00+01:00", "1577836800"] {
            assert_eq!(date(same), year, "{same}");
        }
        assert!(date("-1") < date("0") && date("0") == date("1970"));
        for bad in [
            "",
            "-",
            "yesterday",
            "2020-13",
            "2020-01-01T00:00:00",
            "2020-01-01x00:00:00Z",
            "2020-01-01T00:00é",
            "2020-02-30",
            "99999999999999999999",
            "1.5",
            "20a0",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_are_in_ranges() {
        let within = |network, other| Network::parse(network).unwrap().contains(address(other).unwrap());
        assert!(within("203.0.113.0/24", "203.0.113.255") && !within("203.0.113.0/24", "203.0.114.0"));
        assert!(within("203.0.113.7/32", "203.0.113.7") && !within("203.0.113.7/32", "203.0.113.6"));
        assert!(within("2001:db8::1/128", "2001:db8::1") && !within("2001:db8::1/128", "2001:db8::2"));
        assert!(within("203.0.113.7", "203.0.113.7") && !within("203.0.113.7", "203.0.113.8"));
        assert!(within("203.0.113.7/24", "203.0.113.1"), "bits of the host do not count");
        assert!(within("2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1") && !within("2001:db8::/64", "2001:db9::"));
        assert!(within("0.0.0.0/0", "1.2.3.4") && !within("0.0.0.0/0", "::1") && within("::/0", "::1"));
        assert!(within("127.0.0.0/8", "::ffff:127.0.0.1"));
        for bad in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.*",
            "10.0.0.0/8/8",
            "10.0.0.0/008 ",
            "10.0.0.0/0008",
        ] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
