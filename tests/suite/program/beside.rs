//! What the program serves beside Glacier and the control API: STS and the health endpoint of LocalStack.

use std::process::Command;

use serde_json::{Value, json};

use super::Program;
use crate::tools::is_left_out;

const FORM: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const KIND: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[test]
fn the_health_endpoint_of_localstack_says_that_glacier_is_running() {
    let program = Program::start(&["--verify-signatures", "--control-api=false"]);
    let answer = program.get("/_localstack/health");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("content-type: application/json"), "{answer}");
    let expected = json!({
        "services": { "glacier": "running" },
        "edition": "glacier-mock",
        "version": env!("CARGO_PKG_VERSION"),
    });
    assert_eq!(serde_json::from_str::<Value>(body(&answer)).unwrap(), expected);
    assert!(program.send("POST", "/_localstack/health", "").starts_with("HTTP/1.1 405"));
}

#[test]
fn a_form_that_is_posted_to_the_root_is_answered_by_sts() {
    let mut program = Program::start(&["--account", "111122223333"]);
    let answer = program.send_with("POST", "/", KIND, FORM);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("content-type: text/xml"), "{answer}");
    assert!(body(&answer).contains("<Account>111122223333</Account>"), "{answer}");
    program.line_with("STS  -  200  arn:aws:iam::111122223333:root");
    // Everything else at this path is answered by Glacier.
    assert!(program.send("POST", "/", FORM).contains("No operation of Amazon Glacier answers POST /"));

    let verifying = Program::start(&["--verify-signatures"]);
    let answer = verifying.send_with("POST", "/", KIND, FORM);
    assert!(
        answer.starts_with("HTTP/1.1 403") && answer.contains("<Code>MissingAuthenticationToken</Code>"),
        "{answer}"
    );
}

#[test]
fn the_control_api_can_be_left_out() {
    let health = "/_glacier-mock/v1/health";
    let by_default = Program::start(&[]);
    let localhost = "Host: localhost\r\n";
    assert!(by_default.get_of(health, localhost).starts_with("HTTP/1.1 200"));
    assert!(Program::start(&["--control-api"]).get_of(health, localhost).starts_with("HTTP/1.1 200"));
    let without = Program::start(&["--control-api=false"]);
    let answer = without.get_of(health, localhost);
    assert!(answer.contains("No operation of Amazon Glacier answers GET /_glacier-mock/v1/health"), "{answer}");
}

#[test]
fn allowed_hosts_may_use_the_control_api() {
    let (path, host) = ("/_glacier-mock/v1/health", "Host: mock.example.com:4566\r\n");
    let program = Program::start(&["--allow-host", "glacier", "--allow-host", "Mock.Example.com"]);
    assert!(program.get_of(path, host).starts_with("HTTP/1.1 200"));
    assert!(program.get_of(path, "Host: other.example.com\r\n").starts_with("HTTP/1.1 403"));
}

/// Runs `aws sts get-caller-identity` with these credentials.
fn caller_identity(program: &Program, key: &str, secret: &str) -> Result<Value, String> {
    let output = Command::new("aws")
        .args(["--endpoint-url", &program.endpoint, "sts", "get-caller-identity", "--output", "json"])
        .env("AWS_ACCESS_KEY_ID", key)
        .env("AWS_SECRET_ACCESS_KEY", secret)
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_CONFIG_FILE", "none")
        .env("AWS_SHARED_CREDENTIALS_FILE", "none")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE")
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn the_aws_cli_learns_its_identity() {
    if is_left_out("the_aws_cli_learns_its_identity", Command::new("aws").arg("--version")) {
        return;
    }
    let anna = "AKIAANNA:a/secret:arn:aws:iam::111122223333:user/anna";
    let program = Program::start(&["--verify-signatures", "--principal", anna]);
    let identity = caller_identity(&program, "AKIAANNA", "a/secret").unwrap();
    assert_eq!(
        (&identity["Account"], &identity["Arn"]),
        (&json!("111122223333"), &json!("arn:aws:iam::111122223333:user/anna"))
    );
    assert!(identity["UserId"].as_str().unwrap().starts_with("AIDA"), "{identity}");
    let refused = caller_identity(&program, "AKIAANNA", "a-guess").unwrap_err();
    assert!(refused.contains("(SignatureDoesNotMatch) when calling the GetCallerIdentity operation"), "{refused}");
    let unknown = caller_identity(&program, "AKIANOBODY", "a-guess").unwrap_err();
    assert!(unknown.contains("(InvalidClientTokenId)"), "{unknown}");
}

const BOTO3: &str = r#"
import boto3, botocore, sys

sts = boto3.client("sts", endpoint_url=sys.argv[1], region_name="us-east-1",
                   aws_access_key_id="444455556666", aws_secret_access_key="any")
identity = sts.get_caller_identity()
assert (identity["Account"], identity["Arn"]) == ("444455556666", "arn:aws:iam::444455556666:root"), identity
assert identity["ResponseMetadata"]["RequestId"], identity
try:
    sts.get_session_token()
except botocore.exceptions.ClientError as error:
    assert error.response["Error"]["Code"] == "InvalidAction", error.response
    assert "GetCallerIdentity" in error.response["Error"]["Message"], error.response
else:
    sys.exit("GetSessionToken was answered")
"#;

#[test]
fn boto3_learns_its_identity() {
    let test = "boto3_learns_its_identity";
    if is_left_out(test, Command::new("python3").args(["-c", "import boto3"])) {
        return;
    }
    let program = Program::start(&[]);
    let output = Command::new("python3")
        .args(["-c", BOTO3, &program.endpoint])
        .env("AWS_CONFIG_FILE", "none")
        .env("AWS_SHARED_CREDENTIALS_FILE", "none")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
