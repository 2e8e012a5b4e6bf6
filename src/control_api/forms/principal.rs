//! The forms of principals.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::control::ControlError;
use crate::domain::account::{Account, Principal};
use crate::domain::words::Timestamp;

use super::text::Text;

/// A principal to register. It replaces a principal with the same access key.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPrincipalForm {
    /// For example `arn:aws:iam::111122223333:user/anna`.
    arn: Text<Principal>,
    /// Defaults to one that is derived from the ARN.
    access_key: Option<String>,
    /// The secret access key. Defaults to one that is derived from the ARN.
    secret: Option<String>,
    /// Makes the credentials temporary.
    session_token: Option<String>,
    /// When the credentials expire, on the mock's clock. Makes them temporary.
    expiration_date: Option<Text<Timestamp>>,
    /// Whether the principal used multi-factor authentication when it was registered.
    mfa: Option<bool>,
    /// When the principal authenticated with a second factor.
    mfa_since: Option<Text<Timestamp>>,
    /// The address that policies see. Defaults to that of the connection.
    source_ip: Option<Text<IpAddr>>,
    /// Whether policies see a connection with TLS. Defaults to true.
    secure_transport: Option<bool>,
}

/// A principal, without its secret and session token.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PrincipalForm {
    arn: String,
    account: Text<Account>,
    access_key: String,
    /// When temporary credentials expire.
    expiration_date: Option<Text<Timestamp>>,
    /// When the principal authenticated with a second factor.
    mfa_since: Option<Text<Timestamp>>,
    source_ip: Option<Text<IpAddr>>,
    secure_transport: bool,
}

/// A principal that was registered, with all of its credentials.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RegisteredPrincipalForm {
    #[serde(flatten)]
    principal: PrincipalForm,
    /// The secret access key.
    secret: String,
    session_token: Option<String>,
}

impl NewPrincipalForm {
    pub(crate) fn into_principal(self) -> Result<Principal, ControlError> {
        let Text(mut principal) = self.arn;
        if let Some(access_key) = self.access_key {
            if !Principal::is_access_key(&access_key) {
                return Err(ControlError::invalid(format!("access_key: {access_key:?} is not an access key")));
            }
            principal = principal.with_access_key(access_key);
        }
        if let Some(secret) = self.secret {
            principal = principal.with_secret(secret);
        }
        if let Some(token) = self.session_token {
            if !Principal::is_session_token(&token) {
                let message = "session_token: expected printable ASCII without blanks";
                return Err(ControlError::invalid(message));
            }
            principal = principal.with_session_token(token);
        }
        if let Some(Text(instant)) = self.expiration_date {
            principal = principal.expires_at(instant);
        }
        match (self.mfa, self.mfa_since) {
            (Some(false), Some(_)) => {
                return Err(ControlError::invalid("mfa_since: leave it out if `mfa` is false"));
            }
            (_, Some(Text(instant))) => principal = principal.with_mfa_since(instant),
            (Some(true), None) => principal = principal.with_mfa(),
            (Some(false) | None, None) => {}
        }
        if let Some(Text(address)) = self.source_ip {
            principal = principal.with_source_ip(address);
        }
        if self.secure_transport == Some(false) {
            principal = principal.without_tls();
        }
        Ok(principal)
    }
}

impl PrincipalForm {
    pub(crate) fn of(principal: &Principal) -> Self {
        PrincipalForm {
            arn: principal.arn().to_owned(),
            account: Text(principal.account()),
            access_key: principal.access_key().to_owned(),
            expiration_date: principal.expiry().map(Text),
            mfa_since: principal.mfa_since().map(Text),
            source_ip: principal.source_ip().map(Text),
            secure_transport: principal.is_secure(),
        }
    }
}

impl RegisteredPrincipalForm {
    pub(crate) fn of(principal: &Principal) -> Self {
        RegisteredPrincipalForm {
            principal: PrincipalForm::of(principal),
            secret: principal.secret().to_owned(),
            session_token: principal.session_token().map(str::to_owned),
        }
    }
}
