//! A client with very little overhead, the same for every contestant: bytes over a blocking socket.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use ring::digest::{SHA256, digest};

pub(crate) const MIB: usize = 1 << 20;

pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A response.
pub(crate) struct Answer {
    pub(crate) head: String,
    /// The length of the body. Its bytes are discarded, except those that arrived with the head.
    pub(crate) body: usize,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.head))[name.len() + 1..].trim()
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        // Without this, Nagle's algorithm and delayed acknowledgements make the head and the body wait for each other.
        stream.set_nodelay(true).unwrap();
        Client { stream, buffer: vec![0; 256 * 1024] }
    }

    /// Sends a request and reads the whole response.
    pub(crate) fn send(&mut self, head: &[u8], body: &[u8]) -> Answer {
        self.stream.write_all(head).unwrap();
        if !body.is_empty() {
            self.stream.write_all(body).unwrap();
        }
        let mut filled = 0;
        let end = loop {
            let count = self.stream.read(&mut self.buffer[filled..]).unwrap();
            assert!(count > 0, "{} closed the connection", self.stream.peer_addr().unwrap());
            filled += count;
            if let Some(at) = self.buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let mut answer = Answer { head: String::from_utf8_lossy(&self.buffer[..end]).into_owned(), body: filled - end };
        let lower = answer.head.to_ascii_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length = length.map_or(0, |length| length.trim().parse().unwrap());
        while answer.body < length {
            let count = self.stream.read(&mut self.buffer).unwrap();
            assert!(count > 0, "the server closed the connection");
            answer.body += count;
        }
        answer
    }

    pub(crate) fn expect(&mut self, status: u16, head: &[u8], body: &[u8]) -> Answer {
        let answer = self.send(head, body);
        assert_eq!(answer.status(), status, "{}", answer.head);
        answer
    }
}

/// Returns the head of a request as the AWS SDK for Rust writes it. Each call returns a new signature and invocation
/// ID.
pub(crate) fn head(method: &str, path: &str, length: usize, more: &str) -> Vec<u8> {
    static HEADS: AtomicUsize = AtomicUsize::new(0);
    let signature = hex(digest(&SHA256, &HEADS.fetch_add(1, Ordering::Relaxed).to_le_bytes()).as_ref());
    let invocation = &signature[..12];
    let length = if length > 0 { format!("content-length: {length}\r\n") } else { String::new() };
    format!(
        "{method} {path} HTTP/1.1\r\n\
         x-amz-glacier-version: 2012-06-01\r\n{length}{more}\
         user-agent: aws-sdk-rust/1.3.10 os/linux lang/rust/1.95.0\r\n\
         x-amz-user-agent: aws-sdk-rust/1.3.10 ua/2.1 api/glacier/1.121.0 os/linux lang/rust/1.95.0 m/E,b\r\n\
         x-amz-date: 20260131T000000Z\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=AKIAGLACIERMOCKCLIENT/20260131/us-east-1/glacier/aws4_request, \
         SignedHeaders=host;x-amz-date;x-amz-glacier-version;x-amz-user-agent, \
         Signature={signature}\r\n\
         amz-sdk-request: attempt=1; max=3\r\n\
         amz-sdk-invocation-id: 7c3c7d3b-2f0c-4a57-9b8a-{invocation}\r\n\
         host: 127.0.0.1\r\n\r\n"
    )
    .into_bytes()
}

/// The head of an upload, with both hashes of its body.
/// Bytes without a pattern, because the mock stores a repeated block only once.
pub(crate) fn bytes(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.take(len.div_ceil(8)).flatten().take(len).collect()
}

/// Makes a body differ from earlier ones, because equal bodies would share one allocation.
pub(crate) fn number(body: &mut [u8], n: usize) {
    body[..8].copy_from_slice(&n.to_le_bytes());
}

pub(crate) fn upload(path: &str, method: &str, body: &[u8], more: &str) -> Vec<u8> {
    let more = format!(
        "x-amz-content-sha256: {}\r\nx-amz-sha256-tree-hash: {}\r\n{more}",
        hex(digest(&SHA256, body).as_ref()),
        tree_hash(body)
    );
    head(method, path, body.len(), &more)
}

pub(crate) fn tree_hash(body: &[u8]) -> String {
    let hash = |bytes: &[u8]| digest(&SHA256, bytes).as_ref().to_vec();
    let mut level: Vec<_> = body.chunks(MIB).map(hash).collect();
    while level.len() > 1 {
        let parent = |pair: &[Vec<u8>]| if pair.len() == 2 { hash(&pair.concat()) } else { pair[0].clone() };
        level = level.chunks(2).map(parent).collect();
    }
    hex(&level[0])
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
