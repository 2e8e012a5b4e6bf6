//! An HTTP server of the test that receives what a mock publishes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use glacier_mock::JobId;

use crate::support::until;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// `POST /path HTTP/1.1`.
    pub(crate) line: String,
    /// In the order of arrival, with names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let value = values.next().unwrap_or_else(|| panic!("there is no {name} in {self:?}"));
        assert!(values.next().is_none(), "there are several of {name} in {self:?}");
        value
    }

    /// A parameter of a form.
    pub(crate) fn parameter(&self, name: &str) -> String {
        let mut values = self.body.split('&').filter_map(|pair| pair.split_once('=')).filter(|(key, _)| *key == name);
        let (_, value) = values.next().unwrap_or_else(|| panic!("there is no {name} in {self:?}"));
        decoded(value)
    }
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(out).unwrap()
}

/// What the server does with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
    /// A status and a body.
    Status(u16, &'static str),
    /// The connection stays open without an answer.
    Silence,
    /// The connection is closed without an answer.
    Close,
}

/// Serves one connection at a time, in the order in which they were made.
pub(crate) struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    /// Starts a server that answers the nth request, from 0, with `reply(n)`.
    pub(crate) fn start(reply: impl Fn(usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let all = received.clone();
        // The thread ends with the test process.
        thread::spawn(move || {
            let mut silent = Vec::new();
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let Some(request) = read(&connection) else { continue };
                let n = {
                    let mut all = all.lock().unwrap();
                    all.push(request);
                    all.len() - 1
                };
                match reply(n) {
                    // The client may be gone.
                    Reply::Status(status, body) => {
                        let length = body.len();
                        let _ = write!(connection, "HTTP/1.1 {status} x\r\nContent-Length: {length}\r\n\r\n{body}");
                    }
                    Reply::Silence => silent.push(connection),
                    Reply::Close => {}
                }
            }
        });
        Receiver { address, received }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Whether a message about this job has arrived.
    pub(crate) fn has_received(&self, job: &JobId) -> bool {
        self.received.lock().unwrap().iter().any(|request| request.body.contains(job.as_str()))
    }

    /// Waits until this many requests have arrived.
    pub(crate) fn wait_for(&self, count: usize) -> Vec<Received> {
        until(&format!("{count} requests arrive"), || self.received.lock().unwrap().len() >= count);
        self.received()
    }
}

/// Returns `None` if the connection ends before the request is complete.
fn read(connection: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(connection);
    let mut next = || {
        let mut line = String::new();
        (reader.read_line(&mut line).ok()? > 0).then(|| line.trim_end().to_owned())
    };
    let line = next()?;
    let mut headers = Vec::new();
    loop {
        let header = next()?;
        let Some((name, value)) = header.split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received { line, headers, body: String::from_utf8(body).ok()? })
}
