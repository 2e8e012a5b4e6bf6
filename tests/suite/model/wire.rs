//! A connection to the mock that is kept alive, and what goes over it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use glacier_mock::GlacierMock;

use crate::support;

#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Request {
    /// `path` is what comes after the account.
    pub(super) fn new(method: &'static str, path: impl AsRef<str>) -> Self {
        Self { method, path: format!("/-{}", path.as_ref()), headers: Vec::new(), body: Vec::new() }
    }

    /// An empty value leaves the header out.
    pub(super) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub(super) fn given(&self, header: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| *name == header).map(|(_, value)| &**value)
    }

    pub(super) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// What matters of a response: all but the date, the request's ID, and how the connection is handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

/// One connection, which a refusal does not end either.
pub(super) struct Wire {
    stream: BufReader<TcpStream>,
}

impl Wire {
    pub(super) fn to(mock: &GlacierMock) -> Self {
        let stream = TcpStream::connect(mock.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    /// The answer and the request's ID, or what is wrong with HTTP.
    pub(super) fn send(&mut self, request: &Request) -> Result<(Answer, String), String> {
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let bytes = support::request(request.method, &request.path, &headers, &request.body);
        self.stream.get_mut().write_all(&bytes).map_err(|error| error.to_string())?;
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(first.clone())?;
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            if headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()).is_some() {
                return Err(format!("{name} came twice"));
            }
        }
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap_or(0));
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).map_err(|error| error.to_string())?;
        if !headers.remove("date").is_some_and(|date| date.ends_with(" GMT")) {
            return Err("no date".to_owned());
        }
        let id = headers.remove("x-amzn-requestid").unwrap_or_default();
        Ok((Answer { status, headers, body }, id))
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        self.stream.read_line(&mut line).map_err(|error| error.to_string())?;
        let end = line.strip_suffix("\r\n").ok_or("the mock closed the connection")?;
        Ok(end.to_owned())
    }
}
