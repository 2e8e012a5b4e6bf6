//! Verification of signatures: requests that the SDK signed are accepted, and are refused after any change.

use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::Credentials;
use glacier_mock::{Account, GlacierMock, Operation, Principal};

use crate::support::{RawResponse, bytes, inventory, panic_message, policy, raw, refusal, request, upload};

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
     Access Key and signing method. Consult the service documentation for details.";

fn verifying() -> GlacierMock {
    GlacierMock::builder().verify_signatures(true).start()
}

fn client_with(mock: &GlacierMock, key: &str, secret: &str) -> Client {
    let credentials = Credentials::new(key, secret, None, None, "test");
    Client::from_conf(mock.glacier_config().credentials_provider(credentials).build())
}

/// Calls with unusual characters and spaces in the path, the query, the headers and the body.
async fn odd_calls(glacier: &Client) {
    glacier.create_vault().vault_name("a.b_c-d").send().await.unwrap();
    let upload =
        |text: &str| glacier.upload_archive().vault_name("a.b_c-d").archive_description(text).body(bytes(100).into());
    let stored = upload("double  spaces  here").send().await.unwrap();
    upload(" a=b&c%20d;~'\"!*() ").send().await.unwrap();
    glacier.list_vaults().limit(1).send().await.unwrap();
    let vault = glacier.describe_vault().vault_name("no:such vault/at+all ~%").send().await;
    assert_eq!(refusal(vault).0, 404);
    let page = glacier.list_jobs().vault_name("a.b_c-d").marker("a marker: +/=&%20~").send().await;
    assert_eq!(refusal(page).0, 400);
    glacier
        .set_vault_access_policy()
        .vault_name("a.b_c-d")
        .policy(policy(crate::support::POLICY))
        .send()
        .await
        .unwrap();
    let job = inventory().build();
    glacier.initiate_job().vault_name("a.b_c-d").job_parameters(job).send().await.unwrap();
    let archive = stored.archive_id().unwrap();
    glacier.delete_archive().vault_name("a.b_c-d").archive_id(archive).send().await.unwrap();
}

#[tokio::test]
async fn requests_signed_by_the_sdk_are_accepted() {
    let mock = verifying();
    odd_calls(&mock.client()).await;
    odd_calls(&mock.client_for(Account::new("111122223333"), "eu-west-1")).await;
    odd_calls(&mock.client_as(&Principal::new("arn:aws:iam::444455556666:user/anna"))).await;
    let session =
        Principal::new("arn:aws:sts::777788889999:assumed-role/backup/monday").with_session_token("a+token/==");
    odd_calls(&mock.client_as(&session)).await;
    mock.all_calls().principal(session.arn()).assert_count(9);
    let (key, secret) = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let mock = GlacierMock::builder().realistic().principal(key, secret, "arn:aws:iam::111122223333:user/anna").start();
    client_with(&mock, key, secret).create_vault().vault_name("v").send().await.unwrap();
}

#[tokio::test]
async fn signatures_are_not_verified_by_default() {
    let mock = GlacierMock::builder().realistic().verify_signatures(false).start();
    client_with(&mock, "any", "any").create_vault().vault_name("v").send().await.unwrap();
    client_with(&GlacierMock::start(), "any", "any").create_vault().vault_name("v").send().await.unwrap();
}

/// The errors of observed.md 2.G, as a user of the SDK sees them.
#[tokio::test]
async fn wrong_credentials_are_refused() {
    let mock = verifying();
    let anna = Principal::new("arn:aws:iam::111122223333:user/anna").with_session_token("right");
    mock.add_principal(anna.clone());
    let unknown_key = refusal(client_with(&mock, "AKIAUNKNOWN", "secret").list_vaults().send().await);
    let unknown = "The security token included in the request is invalid.";
    assert_eq!(unknown_key, (400, "UnrecognizedClientException".into(), unknown.into()));
    let wrong_secret = mock.client_as(&anna.clone().with_secret("wrong")).create_vault().vault_name("v").send().await;
    let (status, code, text) = refusal(wrong_secret);
    assert_eq!((status, code.as_str()), (403, "InvalidSignatureException"));
    assert!(text.starts_with(&format!("{MISMATCH}\n\nThe Canonical String for this request should have been\n'PUT\n")));
    let wrong_token = mock.client_as(&anna.clone().with_session_token("wrong")).list_vaults().send().await;
    assert_eq!(refusal(wrong_token), (400, "UnrecognizedClientException".into(), unknown.into()));
    let no_token = client_with(&mock, anna.access_key(), anna.secret()).list_vaults().send().await;
    assert_eq!(refusal(no_token), (400, "UnrecognizedClientException".into(), unknown.into()));
    let vaults = mock.client_as(&anna).list_vaults().send().await.unwrap();
    assert!(vaults.vault_list().is_empty());
}

/// A request that the SDK signed, which a test can change and send over a socket.
#[derive(Clone)]
struct Captured {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Captured {
    /// Captures the request with a separate mock, because the signature does not cover which mock it is sent to.
    async fn upload(secret: &str) -> Self {
        let mock = GlacierMock::start();
        let glacier = client_with(&mock, "AKIAANNA", secret);
        let upload =
            glacier.upload_archive().vault_name("v").archive_description("a cat").body(b"bytes".to_vec().into());
        upload.send().await.unwrap_err();
        Self::of(&mock)
    }

    async fn list() -> Self {
        let mock = GlacierMock::start();
        client_with(&mock, "AKIAANNA", "secret").list_vaults().limit(10).marker("m").send().await.unwrap_err();
        Self::of(&mock)
    }

    fn of(mock: &GlacierMock) -> Self {
        let sent = mock.requests()[0].clone();
        Captured {
            method: sent.method().into(),
            target: sent.query().map_or(sent.path().into(), |query| format!("{}?{query}", sent.path())),
            headers: sent.headers().map(|(name, value)| (name.into(), value.into())).collect(),
            body: sent.body().unwrap().to_vec(),
        }
    }

    fn header(mut self, name: &str, change: impl FnOnce(&str) -> String) -> Self {
        let place = self.headers.iter_mut().find(|(key, _)| key == name).unwrap();
        place.1 = change(&place.1);
        self.headers.retain(|(_, value)| !value.is_empty());
        self
    }

    fn send(&self, mock: &GlacierMock) -> RawResponse {
        let mut out = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            out.extend(format!("{name}: {value}\r\n").into_bytes());
        }
        out.extend(b"\r\n");
        out.extend(&self.body);
        raw(mock, &out)
    }

    /// Asserts that the mock refuses the request with this status and code, and with a message that begins with `text`.
    #[track_caller]
    fn is_refused(&self, mock: &GlacierMock, status: u16, code: &str, text: &str) {
        let response = self.send(mock);
        let begin = format!(r#"{{"message":"{}"#, text.replace('\n', "\\n"));
        assert!(response.text().starts_with(&begin), "{}", response.text());
        assert!(response.text().ends_with(&format!(r#"","code":"{code}","type":"Client"}}"#)), "{}", response.text());
        assert_eq!(response.status, status);
    }
}

fn of_anna() -> GlacierMock {
    let anna = "arn:aws:iam::111122223333:user/anna";
    let mock = GlacierMock::builder().verify_signatures(true).principal("AKIAANNA", "secret", anna).start();
    mock.vault_in(Account::new("111122223333"), "us-east-1", "v").create();
    mock
}

/// A refused request changes nothing (observed.md 2.G).
#[tokio::test]
async fn a_request_that_was_changed_after_signing_is_refused() {
    let (mock, upload, list) = (of_anna(), Captured::upload("secret").await, Captured::list().await);
    let invalid = |captured: Captured| captured.is_refused(&mock, 403, "InvalidSignatureException", MISMATCH);
    invalid(upload.clone().header("x-amz-archive-description", |_| "a dog".into()));
    invalid(Captured { target: upload.target.replace("/v/", "/w/"), ..upload.clone() });
    invalid(Captured { method: "PUT".into(), ..upload.clone() });
    invalid(Captured { target: list.target.replace("limit=10", "limit=11"), ..list.clone() });
    invalid(Captured { target: format!("{}&more=1", list.target), ..list.clone() });
    invalid(upload.clone().header("authorization", |text| text.replace("us-east-1", "eu-west-1")));
    invalid(upload.clone().header("host", |_| "elsewhere".into()));
    invalid(Captured::upload("another secret").await);
    let vault = mock.vault_in(Account::new("111122223333"), "us-east-1", "v");
    assert!(vault.archives().is_empty());
    assert_eq!(upload.send(&mock).status, 201);
    assert_eq!(vault.archives().len(), 1);
    // The order of query parameters does not matter, because the canonical request sorts them.
    assert_eq!(
        Captured { target: "/-/vaults?marker=m&limit=10".into(), ..list.clone() }.send(&mock).status,
        list.send(&mock).status
    );
}

/// The header with the hash is signed, but the body that arrives has a different hash (observed.md 2.B).
#[tokio::test]
async fn a_changed_body_does_not_match_the_payload_hash() {
    let (mock, upload) = (of_anna(), Captured::upload("secret").await);
    let text =
        "The value passed in as x-amz-content-sha256 does not match the computed payload hash. Computed digest: ";
    Captured { body: b"bytez".to_vec(), ..upload.clone() }.is_refused(&mock, 403, "InvalidSignatureException", text);
    // Without the header the signature covers the body itself.
    let catcher = GlacierMock::start();
    let glacier = client_with(&catcher, "AKIAANNA", "secret");
    glacier.initiate_job().vault_name("v").job_parameters(inventory().build()).send().await.unwrap_err();
    let job = Captured::of(&catcher);
    let changed = String::from_utf8(job.body.clone()).unwrap().replace("inventory-retrieval", "inventory-retrievaL");
    Captured { body: changed.into_bytes(), ..job.clone() }.is_refused(
        &mock,
        403,
        "InvalidSignatureException",
        MISMATCH,
    );
    assert_eq!(job.send(&mock).status, 202);
}

/// Verification needs the whole body, so the size is checked first.
#[tokio::test]
async fn an_oversized_signed_document_is_refused_for_its_size() {
    let mock = verifying();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    let job = inventory().description("x".repeat(3 << 20)).build();
    let (status, code, _) = refusal(glacier.initiate_job().vault_name("v").job_parameters(job).send().await);
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
}

#[tokio::test]
async fn a_missing_or_malformed_signature_is_refused() {
    let (mock, upload) = (of_anna(), Captured::upload("secret").await);
    let unsigned = upload.clone().header("authorization", |_| String::new());
    unsigned.is_refused(&mock, 400, "MissingAuthenticationTokenException", "Missing Authentication Token");
    let basic = upload.clone().header("authorization", |_| "Basic dXNlcjpwYXNz".into());
    basic.is_refused(&mock, 400, "MissingAuthenticationTokenException", "Missing Authentication Token");
    upload.clone().header("authorization", |_| "AWS4-HMAC-SHA256 nonsense".into()).is_refused(
        &mock,
        400,
        "IncompleteSignatureException",
        "'nonsense' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 nonsense'.",
    );
    let no_date = upload.clone().header("x-amz-date", |_| String::new());
    let text =
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4";
    no_date.is_refused(&mock, 400, "IncompleteSignatureException", text);
    let unknown_key = upload.clone().header("authorization", |text| text.replace("AKIAANNA", "AKIAUNKNOWN"));
    let unknown = "The security token included in the request is invalid.";
    unknown_key.is_refused(&mock, 400, "UnrecognizedClientException", unknown);
    let s3 = upload.clone().header("authorization", |text| text.replace("/glacier/", "/s3/"));
    s3.is_refused(
        &mock,
        403,
        "InvalidSignatureException",
        "Credential should be scoped to correct service: 'glacier'. ",
    );
    let mut smuggled = upload.clone();
    smuggled.headers.push(("x-amz-part-size".into(), "1".into()));
    let text = "'x-amz-part-size' must be a 'SignedHeader' in the AWS Authorization.";
    smuggled.is_refused(&mock, 403, "InvalidSignatureException", text);
    // Glacier does not document presigned URLs.
    let mut presigned = unsigned;
    presigned.target += "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0";
    presigned.is_refused(&mock, 400, "MissingAuthenticationTokenException", "Missing Authentication Token");
    assert!(mock.vault_in(Account::new("111122223333"), "us-east-1", "v").archives().is_empty());
}

/// The mock's clock does not affect the check (design.md section 3.3, observed.md 2.G).
#[tokio::test]
async fn the_age_of_a_signature_is_checked_in_wall_time() {
    let mock = of_anna();
    mock.clock().advance(std::time::Duration::from_secs(365 * 24 * 3600));
    let upload = Captured::upload("secret").await;
    assert_eq!(upload.send(&mock).status, 201);
    let old = upload.clone().header("x-amz-date", |_| "20121108T030749Z".into());
    let text = "Signature expired: 20121108T030749Z is now earlier than 20";
    old.is_refused(&mock, 403, "InvalidSignatureException", text);
    let early = upload.header("x-amz-date", |_| "99990101T000000Z".into());
    let text = "Signature not yet current: 99990101T000000Z is still later than 20";
    early.is_refused(&mock, 403, "InvalidSignatureException", text);
}

/// The signature is checked before the path, the payload hash, the account and the API version (observed.md 1.11).
#[test]
fn the_signature_is_checked_first() {
    let mock = verifying();
    for path in ["/favicon.ico", "/111122223333/vaults", "/nonsense/vaults", "/-/vaults"] {
        let headers = [("x-amz-glacier-version", ""), ("x-amz-content-sha256", "0")];
        let response = raw(&mock, &request("GET", path, &headers, b""));
        assert_eq!(
            response.text(),
            r#"{"message":"Missing Authentication Token","code":"MissingAuthenticationTokenException","type":"Client"}"#
        );
    }
}

/// A session expires on the mock's clock, also without verification of signatures.
#[tokio::test]
async fn a_session_expires() {
    for verify in [false, true] {
        let clock = glacier_mock::Clock::frozen("2026-01-31T00:00:00Z");
        let mock = GlacierMock::builder().clock(clock).verify_signatures(verify).start();
        let session = Principal::new("arn:aws:sts::111122223333:assumed-role/backup/monday");
        let glacier = mock.client_as(&session.clone().expires_at("2026-01-31T01:00:00Z"));
        glacier.create_vault().vault_name("v").send().await.unwrap();
        mock.clock().advance_to("2026-01-31T01:00:00Z");
        let text = "The security token included in the request is expired";
        let expected = (403, "ExpiredTokenException".to_owned(), text.to_owned());
        assert_eq!(refusal(glacier.list_vaults().send().await), expected);
        // The session is renewed with the same access key.
        mock.add_principal(session.expires_at("2026-01-31T02:00:00Z"));
        upload(&glacier, "v", b"x").await;
    }
}

/// The service includes the header's value in what is signed (observed.md 2.B), so its error does not name the header.
/// Reports name it, with and without verification of signatures.
#[tokio::test]
async fn an_upload_without_its_payload_hash_is_explained() {
    let upload = Captured::upload("secret").await.header("x-amz-content-sha256", |_| String::new());
    for mock in [of_anna(), GlacierMock::start()] {
        let refused = upload.send(&mock);
        let body = format!(r#"{{"message":"{MISMATCH}","code":"InvalidSignatureException","type":"Client"}}"#);
        assert_eq!((refused.status, refused.text()), (403, &*body));
        let report = panic_message(|| mock.calls(Operation::UploadArchive).succeeded().assert_count(1));
        assert!(report.contains("the upload has no x-amz-content-sha256 header"), "{report}");
    }
}

#[tokio::test]
async fn reports_say_what_is_wrong_with_a_signature() {
    let report = |mock: &GlacierMock| panic_message(|| mock.calls(Operation::ListVaults).succeeded().assert_count(1));
    let mock = verifying();
    client_with(&mock, "AKIAUNKNOWN", "secret").list_vaults().send().await.unwrap_err();
    assert!(report(&mock).contains("unknown access key, or a session token"), "{}", report(&mock));
    let mock = of_anna();
    client_with(&mock, "AKIAANNA", "wrong").list_vaults().send().await.unwrap_err();
    let text = report(&mock);
    assert!(text.contains("the secret does not match the access key"), "{text}");
    // A report has one line for each request. The canonical request is available from `error_message()`.
    assert!(!text.contains("x-amz-glacier-version"), "{text}");
}
