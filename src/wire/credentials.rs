//! Determines the caller, account and region of a request from the credential scope of its `Authorization` header.

use std::sync::Arc;

use hyper::HeaderMap;

use crate::domain::account::{Account, AccountRegion, Caller};
use crate::service::Principals;

use super::target::{PathAccount, Target};
use crate::wire::signature::authorization::Authorization;

/// The account and region of callers whose credentials name neither.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    pub(crate) account: Account,
    pub(crate) region: Arc<str>,
}

/// Returns the caller of a request, and the account and region that it addresses.
///
/// Reads `Credential=AKID/yyyymmdd/REGION/glacier/aws4_request`, and the account of the path. If the path names another
/// account than the caller's, the path decides, whether or not the caller may do anything there. An access key of
/// exactly 12 digits names the account with that number, as in other emulators of AWS. An unknown access key, or a
/// request without one, belongs to the default account (api.md section 1).
pub(crate) fn identify(
    headers: &HeaderMap,
    target: &Target,
    principals: &Principals,
    defaults: &Defaults,
) -> (Caller, AccountRegion) {
    let authorization = Authorization::of(headers);
    let mut credential = authorization.iter().flat_map(Authorization::credential);
    let caller = principals.caller(credential.next());
    let region = credential.nth(1).filter(|region| !region.is_empty());
    let account = match target.account {
        PathAccount::Given(account) => account,
        PathAccount::Own | PathAccount::Malformed => caller.principal.account(),
    };
    // Most callers are in the default region, so they share its name.
    let place = match region.filter(|region| **region != *defaults.region) {
        Some(region) => AccountRegion::new(account, region),
        None => AccountRegion::new(account, defaults.region.clone()),
    };
    (caller, place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::Principal;
    use crate::domain::words::Timestamp;

    const ANNA: &str = "arn:aws:iam::444455556666:user/anna";

    fn identified(authorization: Option<&str>, target: &Target) -> (Caller, AccountRegion) {
        let mut headers = HeaderMap::new();
        if let Some(value) = authorization {
            headers.insert("authorization", value.parse().unwrap());
        }
        let defaults = Defaults { account: Account::DEFAULT, region: "us-east-1".into() };
        let anna = Principal::new(ANNA).with_access_key("AKIAANNA");
        let now = "2026-01-31T00:00:00Z".parse::<Timestamp>().unwrap();
        let principals = Principals::new(Account::DEFAULT, vec![anna], now);
        identify(&headers, target, &principals, &defaults)
    }

    fn place(authorization: Option<&str>) -> (String, String) {
        let (_, place) = identified(authorization, &Target::default());
        (place.account.to_string(), place.region.to_string())
    }

    fn signed_by(key: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={key}/20260131/eu-west-1/glacier/aws4_request, SignedHeaders=host, Signature=0"
        )
    }

    #[test]
    fn the_credential_scope_determines_account_and_region() {
        let of = |key: &str| place(Some(&signed_by(key)));
        assert_eq!(of("111122223333"), ("111122223333".into(), "eu-west-1".into()));
        assert_eq!(of("AKIAIOSFODNN7EXAMPLE"), ("000000000000".into(), "eu-west-1".into()));
    }

    #[test]
    fn the_access_key_determines_the_caller_and_the_path_the_account() {
        let of = |key: &str, account: Option<&str>| {
            let target = Target { account: account.map(PathAccount::parse).unwrap_or_default(), ..Target::default() };
            let (caller, place) = identified(Some(&signed_by(key)), &target);
            (caller.principal.arn().to_owned(), place.account.to_string(), caller.is_known)
        };
        let owner = "arn:aws:iam::000000000000:root".to_owned();
        assert_eq!(of("AKIAANNA", None), (ANNA.into(), "444455556666".into(), true));
        assert_eq!(of("AKIAANNA", Some("-")), (ANNA.into(), "444455556666".into(), true));
        assert_eq!(of("AKIAANNA", Some("111122223333")), (ANNA.into(), "111122223333".into(), true));
        assert_eq!(of("AKIANOBODY", Some("nonsense")), (owner, "000000000000".into(), false));
        assert_eq!(of("111122223333", None).0, "arn:aws:iam::111122223333:root");
    }

    #[test]
    fn requests_without_credentials_get_the_defaults() {
        let default = ("000000000000".to_owned(), "us-east-1".to_owned());
        for given in
            [None, Some(""), Some("Basic dXNlcjpwYXNz"), Some("AWS4-HMAC-SHA256 Credential="), Some("Credential=////")]
        {
            assert_eq!(place(given), default, "{given:?}");
        }
    }
}
