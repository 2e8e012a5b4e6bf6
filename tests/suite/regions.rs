//! Names of regions are validated in credential scopes and by the fixture (api.md section 1).

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use aws_sdk_glacier::config::Region;
use glacier_mock::{Account, GlacierMock};

use crate::support::{raw, request};

thread_local! {
    static PANICKED_AT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs a closure that must panic. Returns the file in which it panicked, and the message.
fn panic_in(misuse: impl FnOnce()) -> (String, String) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let file = panic.location().map(|location| location.file().to_owned()).unwrap_or_default();
            PANICKED_AT.set(file);
            others(panic);
        }));
    });
    let panic = catch_unwind(AssertUnwindSafe(misuse)).expect_err("expected a panic, but there was none");
    (PANICKED_AT.take(), panic.downcast_ref::<String>().expect("the panic has a message").clone())
}

fn signed_for(region: &str) -> String {
    format!("AWS4-HMAC-SHA256 Credential=AKIA/20260131/{region}/glacier/aws4_request, SignedHeaders=host, Signature=0")
}

/// The message is that of AWS's front end, also without verification of signatures. An invalid region once made the
/// server panic while it sent an inventory.
#[test]
fn an_invalid_region_in_a_credential_scope_is_refused() {
    let mock = GlacierMock::start();
    let send = |method: &str, path: &str, region: &str, body: &[u8]| {
        raw(&mock, &request(method, path, &[("Authorization", &signed_for(region))], body))
    };
    for bad in ["é", "us-east-1é", "US-EAST-1", "us_east_1", "us east 1", "*", &"x".repeat(65)] {
        for (method, path) in [("PUT", "/-/vaults/v"), ("GET", "/-/vaults"), ("POST", "/-/vaults/v/jobs")] {
            let refused = send(method, path, bad, br#"{"Type":"inventory-retrieval"}"#);
            let text = format!(
                r#"{{"message":"Credential should be scoped to a valid region, not '{bad}'. ","code":"InvalidSignatureException","type":"Client"}}"#
            );
            assert_eq!((refused.status, refused.text()), (403, &*text), "{method} {path}");
        }
    }
    assert_eq!(mock.requests()[0].region(), "é");
    // Any well-formed region works. A scope without a region stands for the mock's own.
    for good in ["mars-north-7", ""] {
        assert_eq!(send("PUT", "/-/vaults/v", good, b"").status, 201, "{good}");
        let begun = send("POST", "/-/vaults/v/jobs", good, br#"{"Type":"inventory-retrieval"}"#);
        let path = format!("/-/vaults/v/jobs/{}/output", begun.header("x-amz-job-id").unwrap());
        let whole = send("GET", &path, good, b"");
        for at in 0..whole.body.len() {
            let range = format!("bytes={at}-{at}");
            let headers = [("Authorization", signed_for(good)), ("Range", range)];
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(raw(&mock, &request("GET", &path, &headers, b"")).body, [whole.body[at]]);
        }
    }
}

/// The client's configuration is the test's own, so the fixture does not see the region.
#[tokio::test]
async fn a_client_with_an_invalid_region_gets_an_error() {
    let mock = GlacierMock::start();
    let config = mock.glacier_config().region(Region::new("US-EAST-1")).build();
    let refused = aws_sdk_glacier::Client::from_conf(config).list_vaults().send().await;
    let (status, code, text) = crate::support::refusal(refused);
    assert_eq!((status, code.as_str()), (403, "InvalidSignatureException"));
    assert_eq!(text, "Credential should be scoped to a valid region, not 'US-EAST-1'. ");
}

/// The panic is located in the test and describes a valid region.
#[test]
fn an_invalid_region_panics_in_the_fixture() {
    let mock = GlacierMock::start();
    let account = Account::new("111122223333");
    for bad in ["", "é", "us-east-1 ", "EU-WEST-1"] {
        let misuses: [&dyn Fn(); 3] =
            [&|| _ = GlacierMock::builder().region(bad), &|| _ = mock.client_for(account, bad), &|| {
                _ = mock.vault_in(account, bad, "v")
            }];
        for misuse in misuses {
            let (at, message) = panic_in(misuse);
            assert!(message.starts_with(&format!("{bad:?} is not the name of an AWS region")), "{message}");
            assert!(message.contains("lower-case letters, digits and hyphens"), "{message}");
            assert_eq!(at, file!());
        }
    }
}
