//! The flags that publish notifications, and what the program logs about them.

use super::{Program, command, run, stderr_of};
use crate::publish::receiver::{Receiver, Reply};

const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:done";

/// Starts an inventory retrieval that ends at once and is announced to a topic.
fn announce(program: &Program) {
    program.send("PUT", "/-/vaults/v", "");
    let body = format!(r#"{{"Type":"inventory-retrieval","SNSTopic":"{TOPIC}"}}"#);
    let started = program.send("POST", "/-/vaults/v/jobs", &body);
    assert!(started.starts_with("HTTP/1.1 202"), "{started}");
}

#[test]
fn the_program_publishes_to_an_endpoint_and_a_webhook() {
    let published = "<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>";
    let sns = Receiver::start(move |_| Reply::Status(200, published));
    let webhook = Receiver::start(|_| Reply::Status(200, ""));
    let (endpoint, url) = (sns.endpoint(), format!("{}/hook", webhook.endpoint()));
    let by_flag = Program::start(&["--sns-endpoint", &endpoint, "--notify", &url]);
    let mut by_variable = command(&["--port", "0"]);
    by_variable.env("GLACIER_MOCK_SNS_ENDPOINT", &endpoint).env("GLACIER_MOCK_NOTIFY", &url);
    for (n, mut program) in [by_flag, Program::of(by_variable)].into_iter().enumerate() {
        announce(&program);
        assert_eq!(sns.wait_for(n + 1)[n].parameter("TopicArn"), TOPIC);
        let received = &webhook.wait_for(n + 1)[n];
        assert_eq!((&*received.line, received.header("x-amz-sns-topic-arn")), ("POST /hook HTTP/1.1", TOPIC));
        let line = program.line_with(&format!(" INFO published to {endpoint}: job "));
        assert!(line.trim_end().ends_with(&format!(" (Succeeded) for topic {TOPIC}, message ID m-1")), "{line}");
    }
}

#[test]
fn the_log_says_which_notification_the_endpoint_refused() {
    let refusal =
        "<ErrorResponse><Error><Code>NotFound</Code><Message>Topic does not exist</Message></Error></ErrorResponse>";
    let sns = Receiver::start(move |_| Reply::Status(404, refusal));
    let mut program = Program::start(&["--sns-endpoint", &sns.endpoint()]);
    announce(&program);
    let line = program.line_with(&format!(" WARN not published to {}: job ", sns.endpoint()));
    assert!(line.contains("the endpoint answered with status 404: NotFound: Topic does not exist"), "{line}");
}

#[cfg(unix)]
#[test]
fn the_program_reports_at_its_end_what_it_did_not_send() {
    use std::io::Read as _;

    let sns = Receiver::start(|_| Reply::Silence);
    let mut program = Program::start(&["--sns-endpoint", &sns.endpoint()]);
    announce(&program);
    sns.wait_for(1);
    assert_eq!(program.terminate(), Some(0));
    let mut log = String::new();
    program.stderr.as_mut().unwrap().read_to_string(&mut log).unwrap();
    let expected =
        format!(" WARN not published to {}: 1 notification, because the mock was stopped: job ", sns.endpoint());
    assert_eq!(log.matches(&expected).count(), 1, "{log}");
}

#[test]
fn an_endpoint_that_is_not_an_http_url_is_refused() {
    for flag in ["--sns-endpoint", "--notify"] {
        for (value, expected) in [
            ("https://sns.us-east-1.amazonaws.com", "https is not supported, because the mock has no TLS"),
            ("localhost:5000", "expected a URL such as http://127.0.0.1:5000"),
        ] {
            // 192.0.2.1 is not an address of this machine. A program that accepted the URL would stop with status 1.
            let output = run(command(&["--host", "192.0.2.1", flag, value]));
            assert_eq!(output.status.code(), Some(2), "{flag} {value}");
            assert!(stderr_of(&output).contains(expected), "{flag}: {}", stderr_of(&output));
        }
    }
}

/// An empty variable counts as missing, as for the other flags.
#[test]
fn empty_variables_publish_nothing() {
    let mut command = command(&["--port", "0"]);
    command.env("GLACIER_MOCK_SNS_ENDPOINT", "").env("GLACIER_MOCK_NOTIFY", " ");
    announce(&Program::of(command));
}
