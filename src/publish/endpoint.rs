//! The URL of an endpoint that notifications are sent to.

use std::fmt;

use hyper::Uri;
use hyper::header::HeaderValue;

/// A URL of the scheme `http`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    text: String,
    /// The name or the IP address to connect to, without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
    /// The value of the header `Host`.
    pub(super) authority: HeaderValue,
    /// The path, which begins with `/`.
    pub(super) path: String,
    pub(super) query: Option<String>,
}

impl Endpoint {
    /// Parses a URL. The error says what is wrong and what is expected.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected a URL such as http://127.0.0.1:5000";
        let uri: Uri = text.parse().map_err(|error| format!("{EXPECTED}: {error}"))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return Err(
                    "https is not supported, because the mock has no TLS; use the http URL of a local endpoint".into(),
                );
            }
            _ => return Err(EXPECTED.into()),
        }
        let authority = uri.authority().ok_or(EXPECTED)?.as_str();
        if authority.contains('@') {
            return Err(format!("{EXPECTED}, without a user name"));
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(EXPECTED)?;
        // With a port that is not a number, `port_u16` would return `None` too.
        let port = match authority[host.len()..].strip_prefix(':') {
            None | Some("") => 80,
            Some(port) => {
                port.parse().ok().filter(|port| *port > 0).ok_or_else(|| format!("{EXPECTED}: invalid port"))?
            }
        };
        Ok(Endpoint {
            text: text.to_owned(),
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port,
            authority: HeaderValue::from_str(authority).map_err(|_| EXPECTED)?,
            path: uri.path().to_owned(),
            query: uri.query().map(str::to_owned),
        })
    }
}

/// Writes the URL in the form in which it was given.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_host_and_may_have_a_port_a_path_and_a_query() {
        let parsed = |text| {
            let url = Endpoint::parse(text).unwrap();
            let authority = url.authority.to_str().unwrap().to_owned();
            (url.host, url.port, authority, url.path, url.query)
        };
        let of = |host: &str, port, authority: &str, path: &str, query: Option<&str>| {
            (host.to_owned(), port, authority.to_owned(), path.to_owned(), query.map(str::to_owned))
        };
        assert_eq!(parsed("http://localhost"), of("localhost", 80, "localhost", "/", None));
        assert_eq!(parsed("http://127.0.0.1:5000/"), of("127.0.0.1", 5000, "127.0.0.1:5000", "/", None));
        assert_eq!(parsed("http://[::1]:5000/a?b=c"), of("::1", 5000, "[::1]:5000", "/a", Some("b=c")));
        assert_eq!(Endpoint::parse("http://h:1/a").unwrap().to_string(), "http://h:1/a");
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        let refused = |text| Endpoint::parse(text).unwrap_err();
        assert!(refused("https://sns.us-east-1.amazonaws.com").contains("https is not supported"));
        for text in
            ["", "localhost:5000", "/a", "ftp://h", "http://", "http://h:0", "http://h:x", "http://h:99999", "h"]
        {
            assert!(refused(text).starts_with("expected a URL such as"), "{text}");
        }
        assert!(refused("http://user:secret@h").ends_with("without a user name"));
    }
}
