//! The request that Amazon SNS sends to a webhook that is subscribed to a topic.
//!
//! The format is that of the pages "HTTP/HTTPS headers" and "HTTP/HTTPS notification JSON format" of the developer guide
//! of Amazon SNS. Only AWS has the key of the signature, so the mock sends one that is not valid.

use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use serde::Serialize;

use crate::domain::bytes::Digest;
use crate::domain::vault::Notice;
use crate::text::Arn;
use crate::wire::job_description;

use super::endpoint::Endpoint;
use super::post::Message;
use super::sns::value;

/// The body. It has no `Subject`, like the notifications of the real service (observed.md 3.4).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    r#type: &'static str,
    message_id: &'a str,
    topic_arn: &'a str,
    message: String,
    timestamp: String,
    signature_version: &'static str,
    signature: &'static str,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
    #[serde(rename = "UnsubscribeURL")]
    unsubscribe_url: String,
}

/// Returns the request that delivers a notice to a webhook. `number` is the position of the notice among those for this
/// webhook. The message ID depends only on the notice and this number, so it is the same for each retry.
pub(super) fn notification(endpoint: &Endpoint, notice: &Notice, number: u64) -> Message {
    const TYPE: &str = "Notification";
    let topic = notice.topic.as_str();
    let region = Arn::parse(topic).unwrap_or_default().region;
    let message_id = uuid(&format!("{number} {} {topic}", notice.job.job.id.as_str()));
    let subscription = format!("{topic}:{}", uuid(&format!("{topic} {endpoint}")));
    let host = format!("https://sns.{region}.amazonaws.com");
    let envelope = Envelope {
        r#type: TYPE,
        message_id: &message_id,
        topic_arn: topic,
        message: job_description(&notice.vault_arn, &notice.job),
        timestamp: notice.at.to_string(),
        signature_version: "1",
        signature: "EXAMPLE=",
        signing_cert_url: format!("{host}/SimpleNotificationService-EXAMPLE.pem"),
        unsubscribe_url: format!("{host}/?Action=Unsubscribe&SubscriptionArn={subscription}"),
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=UTF-8"));
    headers.insert(USER_AGENT, HeaderValue::from_static("Amazon Simple Notification Service Agent"));
    for (name, text) in [
        ("x-amz-sns-message-type", TYPE),
        ("x-amz-sns-message-id", &message_id),
        ("x-amz-sns-topic-arn", topic),
        ("x-amz-sns-subscription-arn", &subscription),
    ] {
        headers.insert(HeaderName::from_static(name), value(text));
    }
    // Serializing a struct of texts cannot fail.
    Message { headers, body: serde_json::to_vec(&envelope).unwrap_or_default().into() }
}

/// Returns a UUID of version 8, which is derived from a text.
fn uuid(text: &str) -> String {
    let mut hex = Digest::sha256(text.as_bytes()).to_string();
    hex.truncate(32);
    hex.replace_range(12..13, "8");
    hex.replace_range(16..17, "8");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
