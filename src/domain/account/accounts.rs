//! The account and the region that own a vault, and the ARN of the vault.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::domain::words::{VaultName, parse_error};
use crate::text::Arn;

/// A 12-digit AWS account number.
///
/// ```
/// use glacier_mock::Account;
///
/// assert_eq!(Account::new("111122223333").as_str(), "111122223333");
/// assert_eq!("111122223333".parse(), Ok(Account::new("111122223333")));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account([u8; 12]);

impl Account {
    /// The account of callers whose access key does not name another one (`docs/spec/api.md` section 1 in the
    /// repository).
    pub const DEFAULT: Account = Account(*b"000000000000");

    /// Returns the account with this number.
    ///
    /// # Panics
    ///
    /// If `number` is not exactly 12 ASCII digits.
    #[track_caller]
    pub fn new(number: &str) -> Self {
        match number.parse() {
            Ok(account) => account,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the 12 digits.
    pub fn as_str(&self) -> &str {
        // `from_str` accepts only ASCII digits, so this cannot fail; if it ever does, an empty text is better than a
        // panic.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

parse_error! {
    /// The error of parsing a text that is not the number of an [`Account`].
    ParseAccountError, "is not an AWS account number; expected 12 digits, for example \"111122223333\""
}

impl FromStr for Account {
    type Err = ParseAccountError;

    fn from_str(number: &str) -> Result<Self, ParseAccountError> {
        let digits: Option<[u8; 12]> = number.as_bytes().try_into().ok();
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_digit));
        digits.map(Account).ok_or_else(|| ParseAccountError::of(number))
    }
}

macro_rules! from_texts {
    ($($text:ty),*) => {$(
        impl TryFrom<$text> for Account {
            type Error = ParseAccountError;

            fn try_from(number: $text) -> Result<Self, ParseAccountError> {
                number.parse()
            }
        }
    )*};
}

from_texts!(&str, String, &String);

/// Returns the account that a test passed, as an [`Account`] or as its number.
///
/// # Panics
///
/// If it is a text that is not 12 digits.
#[track_caller]
pub(crate) fn expect_account<T>(account: T) -> Account
where
    T: TryInto<Account>,
    T::Error: fmt::Display,
{
    match account.try_into() {
        Ok(account) => account,
        Err(error) => panic!("{error}"),
    }
}

impl AsRef<str> for Account {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Account {
    fn eq(&self, number: &str) -> bool {
        self.as_str() == number
    }
}

impl PartialEq<&str> for Account {
    fn eq(&self, number: &&str) -> bool {
        self.as_str() == *number
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({self})")
    }
}

/// Returns whether a text has the form of a region's name: 1 to 64 lower-case ASCII letters, digits and hyphens. The
/// mock accepts every such name, so that it also works for regions that AWS has not opened yet.
pub(crate) fn is_region(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(legal)
}

/// Returns the name of a region that a test gave to the fixture.
///
/// # Panics
///
/// If the text does not have the form of a region's name.
#[track_caller]
pub(crate) fn expect_region(text: impl Into<String>) -> String {
    let text = text.into();
    assert!(
        is_region(&text),
        "{text:?} is not the name of an AWS region: give 1 to 64 lower-case letters, digits and hyphens, for example \
         \"us-east-1\""
    );
    text
}

/// An account in a region, which has its own vaults.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct AccountRegion {
    pub(crate) account: Account,
    pub(crate) region: Arc<str>,
}

impl AccountRegion {
    pub(crate) fn new(account: Account, region: impl Into<Arc<str>>) -> Self {
        AccountRegion { account, region: region.into() }
    }

    /// Returns `arn:aws:glacier:REGION:ACCOUNT:vaults/NAME`, in the partition of the region (api.md section 1).
    pub(crate) fn vault_arn(&self, vault: &VaultName) -> String {
        let partition = match &*self.region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        let (region, account, resource) = (&*self.region, self.account.as_str(), &*format!("vaults/{vault}"));
        Arn { partition, service: "glacier", region, account, resource }.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_number_has_exactly_twelve_digits() {
        assert_eq!("123456789012".parse::<Account>().unwrap().as_str(), "123456789012");
        for bad in ["", "-", "12345678901", "1234567890123", "12345678901a", "１23456789012"] {
            assert!(bad.parse::<Account>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_account_equals_its_number_as_text() {
        let account = Account::new("123456789012");
        assert!(account == "123456789012" && account != "123456789013");
        assert!(account == *"123456789012" && account != *"123456789013");
    }

    #[test]
    fn a_region_name_is_lower_case_ascii() {
        for good in ["us-east-1", "cn-north-1", "us-gov-west-1", "mars-1", &"x".repeat(64)] {
            assert!(is_region(good), "{good}");
        }
        for bad in ["", "é", "US-EAST-1", "us_east_1", "us-east-1 ", "us-east-1\n", "１", &"x".repeat(65)] {
            assert!(!is_region(bad), "{bad:?}");
        }
    }

    #[test]
    fn the_partition_of_an_arn_depends_on_the_region() {
        let vault = VaultName::parse("v").unwrap();
        let arn = |region: &str| AccountRegion::new(Account::DEFAULT, region).vault_arn(&vault);
        assert_eq!(arn("eu-west-1"), "arn:aws:glacier:eu-west-1:000000000000:vaults/v");
        assert_eq!(arn("cn-north-1"), "arn:aws-cn:glacier:cn-north-1:000000000000:vaults/v");
        assert_eq!(arn("us-gov-west-1"), "arn:aws-us-gov:glacier:us-gov-west-1:000000000000:vaults/v");
    }
}
