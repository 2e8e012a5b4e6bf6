//! Principals: credentials, and the ARN that policies identify their owner by.

#[cfg(feature = "state")]
mod data;

use core::net::IpAddr;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

#[cfg(feature = "state")]
pub(crate) use self::data::PrincipalData;
use super::accounts::Account;
use crate::domain::bytes::Digest;
use crate::domain::failure::Failure;
use crate::domain::words::{Timestamp, parse_error};
use crate::policy::Principal as Identity;

/// An identity with credentials: the root of an account, a user, a role or a session.
///
/// The mock treats any credentials as those of the account's root, unless they belong to a registered principal:
///
/// ```
/// use glacier_mock::{GlacierMock, Principal};
///
/// let anna = Principal::new("arn:aws:iam::111122223333:user/anna");
/// let auditor = Principal::new("arn:aws:sts::111122223333:assumed-role/auditor/monday")
///     .with_session_token("a-token")
///     .with_mfa();
/// let mock = GlacierMock::builder().principals([anna.clone(), auditor]).start();
/// # drop(mock);
/// assert_eq!(anna.account().as_str(), "111122223333");
/// ```
///
/// By default the access key and the secret are derived from the ARN, so they are the same in every run.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    identity: Arc<Identity>,
    account: Account,
    access_key: Arc<str>,
    secret: Arc<str>,
    session_token: Option<Arc<str>>,
    expires: Option<Timestamp>,
    mfa: Mfa,
    source_ip: Option<IpAddr>,
    plain_http: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mfa {
    None,
    /// Since the principal was registered with a mock.
    Present,
    Since(Timestamp),
}

impl Principal {
    /// Returns the principal with this ARN: `arn:aws:iam::ACCOUNT:root`, `...:user/NAME`, `...:role/NAME`, or
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, `...:federated-user/NAME`.
    ///
    /// # Panics
    ///
    /// If `arn` has none of these forms.
    #[track_caller]
    pub fn new(arn: impl AsRef<str>) -> Self {
        match arn.as_ref().parse() {
            Ok(principal) => principal,
            Err(error) => panic!("{error}"),
        }
    }

    fn with_arn(arn: &str) -> Option<Self> {
        let identity = Identity::parse(arn)?;
        let account = identity.account().parse().ok()?;
        let digest = |what: &str| *Digest::sha256(format!("{what} of {arn}").as_bytes()).as_bytes();
        // AWS's keys have this alphabet and these lengths.
        const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let key = digest("access key").into_iter().take(16).map(|byte| char::from(BASE32[usize::from(byte % 32)]));
        let secret = hex::encode(&digest("secret")[..20]);
        Some(Self::with(identity, account, &"AKIA".chars().chain(key).collect::<String>(), &secret))
    }

    /// Returns the root of an account, with these credentials.
    pub(crate) fn root(account: Account, access_key: &str, secret: &str) -> Self {
        let identity = Identity::parse(&format!("arn:aws:iam::{account}:root"));
        Self::with(identity.expect("every account has a root"), account, access_key, secret)
    }

    fn with(identity: Identity, account: Account, access_key: &str, secret: &str) -> Self {
        Principal {
            identity: identity.into(),
            account,
            access_key: access_key.into(),
            secret: secret.into(),
            session_token: None,
            expires: None,
            mfa: Mfa::None,
            source_ip: None,
            plain_http: false,
        }
    }

    /// Sets the access key.
    ///
    /// # Panics
    ///
    /// If it is empty, or contains `/`, `,`, `=`, a space or a character that is not printable ASCII.
    #[track_caller]
    pub fn with_access_key(mut self, access_key: impl AsRef<str>) -> Self {
        let access_key = access_key.as_ref();
        assert!(
            Self::is_access_key(access_key),
            "{access_key:?} is not an access key: give letters and digits, for example \"AKIAIOSFODNN7EXAMPLE\""
        );
        self.access_key = access_key.into();
        self
    }

    /// Returns whether an `Authorization` header can contain this access key: `/`, `,`, `=` and blanks would end it.
    pub(crate) fn is_access_key(text: &str) -> bool {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && !"/,=".contains(c))
    }

    /// Sets the secret access key. Only a mock that verifies signatures uses it.
    pub fn with_secret(mut self, secret: impl AsRef<str>) -> Self {
        self.secret = secret.as_ref().into();
        self
    }

    /// Makes the credentials temporary, with this session token. A mock that verifies signatures refuses requests
    /// without the token.
    ///
    /// # Panics
    ///
    /// If the token is empty or not printable ASCII, so that it cannot be the value of a header.
    #[track_caller]
    pub fn with_session_token(mut self, token: impl AsRef<str>) -> Self {
        let token = token.as_ref();
        assert!(Self::is_session_token(token), "{token:?} is not a session token: give printable ASCII without blanks");
        self.session_token = Some(token.into());
        self
    }

    /// Returns whether a session token can be the value of a header.
    pub(crate) fn is_session_token(text: &str) -> bool {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic())
    }

    /// Makes the credentials temporary, valid until this instant. From then on the mock refuses them with
    /// `ExpiredTokenException`, whether it verifies signatures or not. Generates a session token if there is none.
    ///
    /// The instant is on the mock's clock, so that a test can advance to it. The time of a signature, in contrast, is
    /// compared with the wall clock.
    ///
    /// # Panics
    ///
    /// If `instant` is a text that is not a valid timestamp, for example `2026-01-31T00:00:00Z`.
    #[track_caller]
    pub fn expires_at<T>(mut self, instant: T) -> Self
    where
        T: TryInto<Timestamp>,
        T::Error: fmt::Display,
    {
        match instant.try_into() {
            Ok(instant) => self.expires = Some(instant),
            Err(error) => panic!("{error}"),
        }
        let access_key = self.access_key.clone();
        self.session_token.get_or_insert_with(|| format!("session-of-{access_key}").into());
        self
    }

    /// Marks the principal as authenticated with a second factor, since the moment when it is registered with a mock.
    pub fn with_mfa(mut self) -> Self {
        self.mfa = Mfa::Present;
        self
    }

    /// Marks the principal as authenticated with a second factor at this instant on the mock's clock.
    ///
    /// # Panics
    ///
    /// If `instant` is a text that is not a valid timestamp, for example `2026-01-31T00:00:00Z`.
    #[track_caller]
    pub fn with_mfa_since<T>(mut self, instant: T) -> Self
    where
        T: TryInto<Timestamp>,
        T::Error: fmt::Display,
    {
        match instant.try_into() {
            Ok(instant) => self.mfa = Mfa::Since(instant),
            Err(error) => panic!("{error}"),
        }
        self
    }

    /// Sets the address that policies see as `aws:SourceIp`: a text or an [`IpAddr`]. Defaults to the address of the
    /// connection, which is 127.0.0.1 in a test.
    ///
    /// # Panics
    ///
    /// If `address` is not an IP address.
    #[track_caller]
    pub fn with_source_ip(mut self, address: impl fmt::Display) -> Self {
        let address = address.to_string();
        match address.parse() {
            Ok(address) => self.source_ip = Some(address),
            Err(_) => panic!("{address:?} is not an IP address; expected for example \"203.0.113.7\""),
        }
        self
    }

    /// Makes `aws:SecureTransport` false for policies. It defaults to true although the mock speaks plain HTTP, because
    /// the endpoint that it replaces uses TLS.
    pub fn without_tls(mut self) -> Self {
        self.plain_http = true;
        self
    }

    pub(crate) fn source_ip(&self) -> Option<IpAddr> {
        self.source_ip
    }

    pub(crate) fn is_secure(&self) -> bool {
        !self.plain_http
    }

    /// Returns the ARN.
    pub fn arn(&self) -> &str {
        self.identity.arn()
    }

    /// Returns the identity that policies match.
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the account that the ARN names.
    pub fn account(&self) -> Account {
        self.account
    }

    /// Returns the access key.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// Returns the secret access key.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Returns the session token of temporary credentials.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// Returns when temporary credentials expire, on the mock's clock.
    pub fn expiry(&self) -> Option<Timestamp> {
        self.expires
    }

    /// Returns when the principal authenticated with a second factor, on the mock's clock. Returns `None` without a
    /// second factor, and after [`with_mfa`](Self::with_mfa) until the principal is registered with a mock.
    pub fn mfa_since(&self) -> Option<Timestamp> {
        match self.mfa {
            Mfa::Since(instant) => Some(instant),
            Mfa::None | Mfa::Present => None,
        }
    }

    /// Returns the principal as the mock registers it at this instant.
    pub(crate) fn known_since(mut self, now: Timestamp) -> Self {
        if self.mfa == Mfa::Present {
            self.mfa = Mfa::Since(now);
        }
        self
    }
}

parse_error! {
    /// The error of parsing a text that is not the ARN of a [`Principal`].
    ParsePrincipalError,
    "is not the ARN of a principal; expected for example \"arn:aws:iam::111122223333:user/anna\", with root, user/NAME or \
     role/NAME behind the account's 12 digits, or \"arn:aws:sts::111122223333:assumed-role/ROLE/SESSION\""
}

/// Returns the principal with this ARN, and with credentials that are derived from it, like
/// [`Principal::new`].
///
/// ```
/// use glacier_mock::Principal;
///
/// let anna: Principal = "arn:aws:iam::111122223333:user/anna".parse()?;
/// assert_eq!(anna, Principal::new("arn:aws:iam::111122223333:user/anna"));
/// # Ok::<(), glacier_mock::ParsePrincipalError>(())
/// ```
impl FromStr for Principal {
    type Err = ParsePrincipalError;

    fn from_str(arn: &str) -> Result<Self, ParsePrincipalError> {
        Self::with_arn(arn).ok_or_else(|| ParsePrincipalError::of(arn))
    }
}

/// Omits the secret and the session token.
impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Principal({}, {})", self.arn(), self.access_key)
    }
}

/// The sender of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Caller {
    pub(crate) principal: Arc<Principal>,
    /// Whether the credentials belong to a registered principal. All others count as those of the account's root.
    pub(crate) is_known: bool,
}

impl Caller {
    /// Refuses temporary credentials that have expired on the mock's clock.
    pub(crate) fn check_expiry(&self, now: Timestamp) -> Result<(), Failure> {
        if self.principal.expires.is_some_and(|end| end <= now) { Err(Failure::ExpiredToken) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_of_a_principal_names_its_account() {
        for good in [
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:user/anna",
            "arn:aws:iam::111122223333:user/division/anna",
            "arn:aws-cn:iam::111122223333:role/backup",
            "arn:aws-us-gov:sts::111122223333:assumed-role/backup/monday",
            "arn:aws:sts::111122223333:federated-user/anna",
        ] {
            assert_eq!(Principal::new(good).account(), Account::new("111122223333"), "{good}");
            assert_eq!(Principal::new(good).arn(), good);
        }
        for bad in [
            "",
            "anna",
            "arn:aws:iam::1111:user/anna",
            "arn:aws:iam:us-east-1:111122223333:user/anna",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::111122223333:user/an na",
            "arn:aws:iam::111122223333:group/admins",
            "arn:aws:iam::111122223333:user",
            "arn:aws:sts::111122223333:assumed-role/backup",
            "arn:aws:glacier:us-east-1:111122223333:vaults/v",
            "arn:elsewhere:iam::111122223333:root",
            // These contain wildcards or have the wrong number of segments.
            "arn:aws:iam::111122223333:user/an*na",
            "arn:aws:iam::111122223333:user/an?na",
            "arn:aws:iam::111122223333:user//anna",
            "arn:aws:sts::111122223333:assumed-role/backup/monday/noon",
        ] {
            assert!(bad.parse::<Principal>().is_err(), "{bad}");
        }
    }

    #[test]
    fn credentials_are_derived_from_the_arn() {
        let anna = Principal::new("arn:aws:iam::111122223333:user/anna");
        assert_eq!(anna, Principal::new("arn:aws:iam::111122223333:user/anna"));
        // The access key is the same in every run.
        assert_eq!((anna.access_key(), anna.secret().len()), ("AKIACXGRRS3FB4UW63GD", 40));
        let other = Principal::new("arn:aws:iam::111122223333:user/otto");
        assert!(anna.access_key() != other.access_key() && anna.secret() != other.secret());
        assert!(!format!("{anna:?}").contains(anna.secret()));
    }

    #[test]
    fn a_session_token_expires_at_its_instant() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let session = Principal::new("arn:aws:iam::111122223333:role/backup").expires_at("2026-01-31T00:00:00Z");
        assert!(session.session_token().is_some());
        let caller = Caller { principal: session.into(), is_known: true };
        assert_eq!(caller.check_expiry(at("2026-01-30T23:59:59.999Z")), Ok(()));
        assert_eq!(caller.check_expiry(at("2026-01-31T00:00:00Z")), Err(Failure::ExpiredToken));
    }

    #[test]
    fn mfa_counts_from_when_the_mock_is_told_of_the_principal() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let anna = Principal::new("arn:aws:iam::111122223333:user/anna");
        let now = at("2026-01-31T00:00:00Z");
        assert_eq!(anna.clone().known_since(now).mfa_since(), None);
        assert_eq!(anna.clone().with_mfa().mfa_since(), None);
        assert_eq!(anna.clone().with_mfa().known_since(now).mfa_since(), Some(now));
        let earlier = at("2026-01-30T00:00:00Z");
        assert_eq!(anna.with_mfa_since(earlier).known_since(now).mfa_since(), Some(earlier));
    }
}
