//! A principal as plain data, to be saved and loaded.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Mfa, Principal};
use crate::domain::words::Timestamp;

/// A principal with its credentials. Times are milliseconds since 1970.
#[derive(Deserialize, Serialize)]
pub(crate) struct PrincipalData {
    arn: String,
    access_key: String,
    secret: String,
    session_token: Option<String>,
    expires: Option<i64>,
    mfa_since: Option<i64>,
    source_ip: Option<String>,
    plain_http: bool,
}

impl Principal {
    /// Returns the data of a principal that a mock has registered.
    pub(crate) fn to_data(&self) -> PrincipalData {
        PrincipalData {
            arn: self.arn().to_owned(),
            access_key: self.access_key().to_owned(),
            secret: self.secret().to_owned(),
            session_token: self.session_token().map(str::to_owned),
            expires: self.expires.map(Timestamp::as_milliseconds),
            mfa_since: self.mfa_since().map(Timestamp::as_milliseconds),
            source_ip: self.source_ip.map(|ip| ip.to_string()),
            plain_http: self.plain_http,
        }
    }

    pub(crate) fn from_data(data: &PrincipalData) -> Result<Self, String> {
        let invalid = |what: &str| format!("the {what} of the principal {} is invalid", data.arn);
        let mut principal: Principal = data.arn.parse().map_err(|_| invalid("ARN"))?;
        if !Principal::is_access_key(&data.access_key) {
            return Err(invalid("access key"));
        }
        if data.session_token.as_deref().is_some_and(|token| !Principal::is_session_token(token)) {
            return Err(invalid("session token"));
        }
        let source_ip = data.source_ip.as_deref().map(str::parse).transpose();
        principal.access_key = Arc::from(&*data.access_key);
        principal.secret = Arc::from(&*data.secret);
        principal.session_token = data.session_token.as_deref().map(Arc::from);
        principal.expires = data.expires.map(Timestamp::restored).transpose()?;
        principal.mfa = data.mfa_since.map(Timestamp::restored).transpose()?.map_or(Mfa::None, Mfa::Since);
        principal.source_ip = source_ip.map_err(|_| invalid("source IP"))?;
        principal.plain_http = data.plain_http;
        Ok(principal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_property_of_a_principal_is_restored() {
        let arn = "arn:aws:sts::111122223333:assumed-role/auditor/monday";
        let plain = Principal::new(arn);
        let full = Principal::new(arn)
            .with_access_key("ASIAEXAMPLE")
            .with_secret("a-secret")
            .with_session_token("a-token")
            .expires_at("2026-01-31T00:00:00Z")
            .with_mfa_since("2026-01-30T00:00:00Z")
            .with_source_ip("203.0.113.7")
            .without_tls();
        for principal in [plain, full] {
            let text = serde_json::to_string(&principal.to_data()).unwrap();
            assert!(Principal::from_data(&serde_json::from_str(&text).unwrap()).unwrap() == principal, "{text}");
        }
    }
}
