//! Sends one POST over HTTP/1.1, on a connection that is used once.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST, HeaderMap, HeaderValue};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::sync::task;

use super::endpoint::Endpoint;

/// How many bytes of a response are read. It is only used for messages.
const READ: usize = 2048;

/// A request without its destination.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// Without `Host`, except if that is signed.
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The status of a response, and the beginning of its body.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) text: String,
}

/// Sends the message, and waits for the answer until the timeout expires. The error is a message for the log.
pub(super) async fn post(endpoint: &Endpoint, message: Message, timeout: Duration) -> Result<Answer, String> {
    let deadline = Instant::now() + timeout;
    // The task of the connection ends with this function.
    let mut connection = JoinSet::new();
    let Ok(sent) = timeout_at(deadline, send(endpoint, message, &mut connection)).await else {
        return Err(format!("no answer within {timeout:?}"));
    };
    let (head, body) = sent?.into_parts();
    // The status decides. A body that is late or broken changes nothing.
    let mut text = Vec::new();
    let _ = timeout_at(deadline, read(body, &mut text)).await;
    Ok(Answer { status: head.status, text: String::from_utf8_lossy(&text).into_owned() })
}

async fn send(
    endpoint: &Endpoint,
    message: Message,
    connection: &mut JoinSet<()>,
) -> Result<hyper::Response<Incoming>, String> {
    let connected = TcpStream::connect((&*endpoint.host, endpoint.port)).await;
    let stream = connected.map_err(|error| format!("cannot connect: {error}"))?;
    let broken = |error: hyper::Error| format!("the connection failed: {error}");
    let (mut sender, serving) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // An error of the connection is also the error of the request.
    connection.spawn(task(async move { drop(serving.await) }));
    let Endpoint { authority, path, query, .. } = endpoint;
    let target = query.as_ref().map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    let mut request = Request::post(target).body(Full::new(message.body)).map_err(|error| error.to_string())?;
    *request.headers_mut() = message.headers;
    request.headers_mut().insert(HOST, authority.clone());
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    sender.send_request(request).await.map_err(broken)
}

async fn read(mut body: Incoming, text: &mut Vec<u8>) {
    while text.len() < READ
        && let Some(Ok(frame)) = body.frame().await
    {
        text.extend(frame.data_ref().into_iter().flatten().take(READ - text.len()));
    }
}
