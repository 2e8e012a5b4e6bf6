//! Requests to STS, without a socket. Signatures are made here from their definition, not with the code under test.

use axum::body::{Body, to_bytes};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use ring::hmac;

use super::*;
use crate::domain::account::Principal;
use crate::domain::words::Timestamp;
use crate::{Clock, GlacierMock};

const FORM: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const KIND: &str = "application/x-www-form-urlencoded; charset=utf-8";

fn anna() -> Principal {
    Principal::new("arn:aws:iam::111122223333:user/anna").with_access_key("AKIAANNA").with_secret("a-secret")
}

fn session() -> Principal {
    Principal::new("arn:aws:sts::111122223333:assumed-role/backup/monday")
        .with_access_key("ASIABACKUP")
        .with_session_token("a-token")
        .expires_at("2026-01-31T01:00:00Z")
}

fn mock() -> GlacierMock {
    GlacierMock::builder()
        .clock(Clock::frozen("2026-01-31T00:00:00Z"))
        .principals([anna(), session()])
        .account("999900001111")
        .start()
}

/// The headers of a request that is signed like those of the SDKs.
struct Signature<'a> {
    key: &'a str,
    secret: &'a str,
    token: Option<&'a str>,
    service: &'a str,
    form: &'a str,
}

impl Default for Signature<'_> {
    fn default() -> Self {
        Signature { key: "AKIAANNA", secret: "a-secret", token: None, service: "sts", form: FORM }
    }
}

impl Signature<'_> {
    fn headers(&self) -> Vec<(&'static str, String)> {
        let now = Timestamp::from(SystemTime::now()).to_basic();
        let day = &now[..8];
        let scope = format!("{day}/us-east-1/{}/aws4_request", self.service);
        let (token, names) = match self.token {
            Some(token) => (format!("x-amz-security-token:{token}\n"), "host;x-amz-date;x-amz-security-token"),
            None => (String::new(), "host;x-amz-date"),
        };
        let canonical = format!(
            "POST\n/\n\nhost:sts.localhost\nx-amz-date:{now}\n{token}\n{names}\n{}",
            Digest::sha256(self.form.as_bytes())
        );
        let text = format!("AWS4-HMAC-SHA256\n{now}\n{scope}\n{}", Digest::sha256(canonical.as_bytes()));
        let first = format!("AWS4{}", self.secret).into_bytes();
        let key = [day, "us-east-1", self.service, "aws4_request"].into_iter().fold(first, |key, part| mac(&key, part));
        let signature = hex::encode(mac(&key, &text));
        let credential = format!("Credential={}/{scope}", self.key);
        let authorization = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}");
        let token = self.token.map(|token| ("x-amz-security-token", token.to_owned()));
        let headers = [("x-amz-date", now.clone()), ("authorization", authorization)];
        headers.into_iter().chain(token).collect()
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

/// Posts a form. Returns the status and the XML.
async fn post(mock: &GlacierMock, verifies: bool, headers: &[(&str, String)], form: &str) -> (u16, String) {
    let mut request = hyper::Request::post("/").header("content-type", KIND).header("host", "sts.localhost");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Body::from(form.to_owned())).unwrap();
    assert!(takes(&request));
    let answer = TowerToHyperService::new(router(mock.mock.clone(), verifies)).call(request).await.unwrap();
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["content-type"], "text/xml");
    let id = answer.headers()["x-amzn-requestid"].to_str().unwrap().to_owned();
    let xml = String::from_utf8(to_bytes(answer.into_body(), usize::MAX).await.unwrap().into()).unwrap();
    assert!(xml.contains(&format!("<RequestId>{id}</RequestId>")), "{xml}");
    (status, xml)
}

fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let rest = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in {xml}")).1;
    rest.split_once(&format!("</{name}>")).unwrap().0
}

#[tokio::test]
async fn the_access_key_names_the_caller() {
    let mock = mock();
    let credential = |key: &str| {
        vec![("authorization", format!("AWS4-HMAC-SHA256 Credential={key}/20260131/us-east-1/sts/aws4_request"))]
    };
    let cases = [
        (credential("AKIAANNA"), "111122223333", "arn:aws:iam::111122223333:user/anna", "AIDA"),
        (credential("ASIABACKUP"), "111122223333", "arn:aws:sts::111122223333:assumed-role/backup/monday", "AROA"),
        (credential("444455556666"), "444455556666", "arn:aws:iam::444455556666:root", "444455556666"),
        (credential("any"), "999900001111", "arn:aws:iam::999900001111:root", "999900001111"),
        (Vec::new(), "999900001111", "arn:aws:iam::999900001111:root", "999900001111"),
    ];
    for (headers, account, arn, user_id) in cases {
        let (status, xml) = post(&mock, false, &headers, FORM).await;
        assert_eq!(status, 200, "{xml}");
        assert_eq!((element(&xml, "Account"), element(&xml, "Arn")), (account, arn));
        assert!(element(&xml, "UserId").starts_with(user_id), "{xml}");
    }
    assert!(mock.requests().is_empty());
}

#[tokio::test]
async fn a_valid_signature_for_sts_is_accepted() {
    let mock = mock();
    let (status, xml) = post(&mock, true, &Signature::default().headers(), FORM).await;
    assert_eq!((status, element(&xml, "Arn")), (200, "arn:aws:iam::111122223333:user/anna"), "{xml}");
    let session = session();
    let signed = Signature {
        key: session.access_key(),
        secret: session.secret(),
        token: Some("a-token"),
        ..Signature::default()
    };
    let (status, xml) = post(&mock, true, &signed.headers(), FORM).await;
    assert_eq!((status, element(&xml, "Account")), (200, "111122223333"), "{xml}");
    assert!(element(&xml, "UserId").ends_with(":monday"), "{xml}");
}

#[tokio::test]
async fn invalid_credentials_get_the_errors_of_sts() {
    let mock = mock();
    let session = session();
    let of_session = Signature { key: session.access_key(), secret: session.secret(), ..Signature::default() };
    let incomplete = vec![("authorization", "AWS4-HMAC-SHA256 Credential=a".to_owned())];
    let claimed = [Signature::default().headers(), vec![("x-amz-content-sha256", "0".repeat(64))]].concat();
    let cases = [
        (Vec::new(), 403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
        (incomplete, 400, "IncompleteSignature", "Authorization header requires 'Signature' parameter."),
        (
            Signature { key: "AKIANOBODY", ..Signature::default() }.headers(),
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        // A session without its token.
        (of_session.headers(), 403, "InvalidClientTokenId", "The security token included in the request is invalid."),
        (
            Signature { secret: "a-guess", ..Signature::default() }.headers(),
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        ),
        (
            Signature { form: "Action=Other", ..Signature::default() }.headers(),
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated",
        ),
        (claimed, 403, "SignatureDoesNotMatch", "The request signature we calculated"),
        (
            Signature { service: "glacier", ..Signature::default() }.headers(),
            403,
            "SignatureDoesNotMatch",
            "Credential should be scoped to correct service: 'sts'. ",
        ),
    ];
    for (headers, expected, code, message) in cases {
        let (status, xml) = post(&mock, true, &headers, FORM).await;
        assert_eq!((status, element(&xml, "Code"), element(&xml, "Type")), (expected, code, "Sender"), "{xml}");
        assert!(element(&xml, "Message").starts_with(message), "{xml}");
    }
}

/// The session expires on the mock's clock, whether signatures are verified or not.
#[tokio::test]
async fn expired_credentials_are_refused() {
    let mock = mock();
    mock.clock().advance(std::time::Duration::from_secs(3600));
    let session = session();
    let signed = Signature {
        key: session.access_key(),
        secret: session.secret(),
        token: Some("a-token"),
        ..Signature::default()
    };
    for verifies in [false, true] {
        let (status, xml) = post(&mock, verifies, &signed.headers(), FORM).await;
        assert_eq!((status, element(&xml, "Code")), (403, "ExpiredToken"), "{xml}");
    }
}

#[tokio::test]
async fn other_actions_are_refused_with_what_is_served() {
    let mock = mock();
    let cases = [
        (
            "Action=AssumeRole&Version=2011-06-15",
            "InvalidAction",
            "Could not find operation AssumeRole for version 2011-06-15.",
        ),
        ("Action=GetSessionToken&Version=2011-06-15", "InvalidAction", "Could not find operation GetSessionToken "),
        ("Action=GetCallerIdentity&Version=2012-10-17", "InvalidAction", "Could not find operation GetCallerIdentity "),
        (
            "Action=GetCallerIdentity",
            "InvalidAction",
            "Could not find operation GetCallerIdentity for version NO_VERSION_",
        ),
        ("Action=%3CA%3E%26&Version=1", "InvalidAction", "Could not find operation &lt;A&gt;&amp; for version 1."),
        ("Version=2011-06-15", "MissingAction", "The request must contain the parameter Action."),
        ("Action=&Version=2011-06-15", "MissingAction", "The request must contain the parameter Action."),
        ("", "MissingAction", "The request must contain the parameter Action."),
    ];
    for (form, code, message) in cases {
        for verifies in [false, true] {
            let (status, xml) = post(&mock, verifies, &[], form).await;
            assert_eq!((status, element(&xml, "Code")), (400, code), "{form}: {xml}");
            let said = element(&xml, "Message");
            assert!(
                said.starts_with(message) && said.contains("glacier-mock serves the action GetCallerIdentity"),
                "{said}"
            );
        }
    }
}

#[test]
fn only_forms_that_are_posted_to_the_root_are_for_sts() {
    let request = |method, path, kind| hyper::Request::builder().method(method).uri(path).header("content-type", kind);
    let taken = |method, path, kind| takes(&request(method, path, kind).body(Body::empty()).unwrap());
    assert!(taken("POST", "/", KIND));
    assert!(taken("POST", "/", "Application/X-WWW-Form-Urlencoded"));
    assert!(!taken("GET", "/", KIND));
    assert!(!taken("POST", "/-/vaults", KIND));
    assert!(!taken("POST", "/", "application/json"));
}
