//! Renders a refusal as compact JSON, with its keys in one of the two observed orders.

use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::domain::failure::{Failure, Layer};

use crate::wire::response::{Payload, json_reply};

#[derive(Serialize)]
struct ServiceError<'a> {
    code: &'static str,
    message: &'a str,
    r#type: &'static str,
}

/// The front end puts the message first (observed.md 1.1, 1.2).
#[derive(Serialize)]
struct FrontEndError<'a> {
    message: &'a str,
    code: &'static str,
    r#type: &'static str,
}

/// Returns the response to a request that is refused.
pub(crate) fn render(failure: &Failure) -> Response<Payload> {
    let code = failure.code();
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let message = &*failure.text();
    let (code, r#type) = (code.as_str(), code.error_type());
    match failure.layer() {
        Layer::Service => json_reply(status, &ServiceError { code, message, r#type }),
        Layer::FrontEnd => json_reply(status, &FrontEndError { message, code, r#type }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(failure: &Failure) -> String {
        let Payload::Json(body) = render(failure).into_body() else { panic!("{failure:?} has no JSON body") };
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// Bodies whose lengths were observed on the wire: 109, 103 and 142 bytes (observed.md 1.1, 1.2).
    #[test]
    fn error_bodies_equal_the_observed_bytes() {
        assert_eq!(
            body(&Failure::missing("API version")),
            r#"{"code":"MissingParameterValueException","message":"Required parameter missing: API version","type":"Client"}"#
        );
        assert_eq!(body(&Failure::missing("API version")).len(), 109);
        let foreign = body(&Failure::ForeignAccount { account: "111122223333".into() });
        assert_eq!(
            foreign,
            r#"{"message":"Access denied for account ID: 111122223333","code":"AccessDeniedException","type":"Client"}"#
        );
        assert_eq!(foreign.len(), 103);
    }

    #[test]
    fn a_hostile_path_is_escaped() {
        let body = body(&Failure::Unroutable { method: "GET".into(), path: "/\"}<script>\n\u{1}".into() });
        let parsed: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(parsed["code"], "BadRequest");
        assert!(parsed["message"].as_str().unwrap().contains("<script>\n\u{1}"));
    }
}
