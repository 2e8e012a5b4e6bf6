//! Whole numbers in decimal digits.

use std::str::FromStr;

/// Parses a number that consists of ASCII digits only. `u64::from_str` also accepts a plus sign, which no number in
/// this API has.
pub(crate) fn decimal<N: FromStr>(text: &str) -> Option<N> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_consists_of_digits_only() {
        assert_eq!(decimal::<u64>("0"), Some(0));
        assert_eq!(decimal::<u64>("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "+1", "-1", " 1", "1 ", "1.0", "1e3", "0x1", "ten", "１", "18446744073709551616"] {
            assert_eq!(decimal::<u64>(bad), None, "{bad}");
        }
    }
}
