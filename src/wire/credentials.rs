//! Who is calling and where: the credential scope of the `Authorization` header.

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use crate::domain::account::{Account, Scope};

/// The account and region of callers whose credentials name neither.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    pub(crate) account: Account,
    pub(crate) region: String,
}

/// Reads `Credential=AKID/yyyymmdd/REGION/glacier/aws4_request`.
///
/// An access key of exactly 12 digits names its own account, as with other emulators of AWS; all others, and whoever
/// sends none, belong to the default account (api.md section 1).
pub(crate) fn scope_of(headers: &HeaderMap, defaults: &Defaults) -> Scope {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let credential = authorization.and_then(|value| value.split_once("Credential=")).map(|(_, rest)| rest);
    let mut parts = credential.unwrap_or_default().split([',', ' ']).next().unwrap_or_default().split('/');
    let access_key = parts.next().unwrap_or_default();
    let region = parts.nth(1).filter(|region| !region.is_empty());
    let account = Account::parse(access_key).unwrap_or(defaults.account);
    Scope::new(account, region.unwrap_or(&defaults.region))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(authorization: Option<&str>) -> (String, String) {
        let mut headers = HeaderMap::new();
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, value.parse().unwrap());
        }
        let defaults = Defaults { account: Account::DEFAULT, region: "us-east-1".into() };
        let scope = scope_of(&headers, &defaults);
        (scope.account.to_string(), scope.region.to_string())
    }

    #[test]
    fn the_credential_scope_names_account_and_region() {
        let of = |key: &str| {
            scope(Some(&format!(
                "AWS4-HMAC-SHA256 Credential={key}/20260131/eu-west-1/glacier/aws4_request, SignedHeaders=host, Signature=0"
            )))
        };
        assert_eq!(of("111122223333"), ("111122223333".into(), "eu-west-1".into()));
        assert_eq!(of("AKIAIOSFODNN7EXAMPLE"), ("000000000000".into(), "eu-west-1".into()));
    }

    #[test]
    fn whoever_says_nothing_gets_the_defaults() {
        let default = ("000000000000".to_owned(), "us-east-1".to_owned());
        for given in
            [None, Some(""), Some("Basic dXNlcjpwYXNz"), Some("AWS4-HMAC-SHA256 Credential="), Some("Credential=////")]
        {
            assert_eq!(scope(given), default, "{given:?}");
        }
    }
}
