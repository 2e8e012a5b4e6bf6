//! The XML answers of STS.

use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;

use super::error::StsError;
use super::identity::Identity;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// An answer, and its request ID.
pub(super) struct Answer {
    status: StatusCode,
    request_id: String,
    xml: String,
}

impl Answer {
    pub(super) fn of(decided: Result<Identity, StsError>) -> Self {
        let request_id = request_id();
        let (status, xml) = match decided {
            Ok(identity) => (StatusCode::OK, identified(&identity, &request_id)),
            Err(error) => (error.status(), refused(&error, &request_id)),
        };
        Answer { status, request_id, xml }
    }
}

fn identified(Identity { account, arn, user_id }: &Identity, request_id: &str) -> String {
    let (account, arn, user_id) = (text(account), text(arn), text(user_id));
    format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\">\n  \
           <GetCallerIdentityResult>\n    \
             <Arn>{arn}</Arn>\n    \
             <UserId>{user_id}</UserId>\n    \
             <Account>{account}</Account>\n  \
           </GetCallerIdentityResult>\n  \
           <ResponseMetadata>\n    \
             <RequestId>{request_id}</RequestId>\n  \
           </ResponseMetadata>\n\
         </GetCallerIdentityResponse>\n"
    )
}

fn refused(error: &StsError, request_id: &str) -> String {
    let (code, message) = (error.code(), text(&error.message()));
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\">\n  \
           <Error>\n    \
             <Type>Sender</Type>\n    \
             <Code>{code}</Code>\n    \
             <Message>{message}</Message>\n  \
           </Error>\n  \
           <RequestId>{request_id}</RequestId>\n\
         </ErrorResponse>\n"
    )
}

/// Escapes text for the content of an element. Control characters, which XML 1.0 cannot have, become U+FFFD.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for character in raw.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\t' => out.push(character),
            _ if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}

/// Returns a random UUID, which is the form of STS's request IDs.
fn request_id() -> String {
    let random = fastrand::u128(..);
    // The bits of the version (4) and of the variant (RFC 9562).
    let bits = (random & !(0xf << 76) & !(0b11 << 62)) | (4 << 76) | (0b10 << 62);
    let digits = format!("{bits:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let Answer { status, request_id, xml } = self;
        let headers = [("x-amzn-requestid", request_id), (CONTENT_TYPE.as_str(), "text/xml".to_owned())];
        (status, headers, xml).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        assert_eq!(text("a<b> & \"c\"\n\u{1}\u{ffff}"), "a&lt;b&gt; &amp; \"c\"\n\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_request_id_is_a_random_uuid() {
        let id = request_id();
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&id[14..15], "4");
        assert!("89ab".contains(&id[19..20]), "{id}");
        assert_ne!(id, request_id());
    }
}
