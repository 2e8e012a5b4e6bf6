//! The request `Publish` of Amazon SNS: a form in the AWS query protocol, signed with Signature Version 4.

use std::time::SystemTime;

use form_urlencoded::Serializer;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};

use crate::domain::bytes::Digest;
use crate::domain::vault::Notice;
use crate::domain::words::Timestamp;
use crate::service::SECRET_ACCESS_KEY;
use crate::text::Arn;
use crate::wire::{Signed, Signer, job_description, sign_request};

use super::endpoint::Endpoint;
use super::post::Message;

const DATE: HeaderName = HeaderName::from_static("x-amz-date");

/// Returns the request that publishes a notice to its topic. It has no `Subject`, like the notifications of the real
/// service (observed.md 3.4).
///
/// It is signed for the region of the topic, at the current time. The access key is the number of the topic's account,
/// which emulators of AWS take as that account.
pub(super) fn publish(endpoint: &Endpoint, notice: &Notice) -> Message {
    let topic = notice.topic.as_str();
    let Arn { region, account, .. } = Arn::parse(topic).unwrap_or_default();
    let body = Serializer::new(String::new())
        .append_pair("Action", "Publish")
        .append_pair("Version", "2010-03-31")
        .append_pair("TopicArn", topic)
        .append_pair("Message", &job_description(&notice.vault_arn, &notice.job))
        .finish();
    let now = Timestamp::from(SystemTime::now());
    let mut headers = HeaderMap::new();
    headers.insert(HOST, endpoint.authority.clone());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8"));
    headers.insert(DATE, value(&now.to_basic()));
    let signed = Signed {
        method: "POST",
        path: &endpoint.path,
        query: endpoint.query.as_deref(),
        headers: &headers,
        body_hash: &Digest::sha256(body.as_bytes()).to_string(),
    };
    let signer = Signer { access_key: account, secret: SECRET_ACCESS_KEY, region, service: "sns" };
    let authorization = value(&sign_request(&signed, &signer, now));
    headers.insert(AUTHORIZATION, authorization);
    Message { headers, body: body.into() }
}

/// Returns a text as the value of a header, or an empty value if HTTP does not allow it: a topic may contain any
/// characters.
pub(super) fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// Returns the message ID that SNS assigned, from the response to `Publish`.
pub(super) fn message_id(response: &str) -> Option<&str> {
    element(response, "MessageId")
}

/// Returns the code and the message of an error of SNS, or the beginning of another response.
pub(super) fn error(response: &str) -> String {
    match (element(response, "Code"), element(response, "Message")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        _ => response.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// Returns the text of the first element of this name. The text is only shown, so entities stay as they are.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}
