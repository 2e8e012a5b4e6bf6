//! The lower bounds: carefully written servers that do the same work with only hyper or axum.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::task::{Context, Poll};

use axum::serve::ListenerExt as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use ring::digest::{self, Digest, SHA256};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{AbortHandle, JoinSet};

use crate::client::{MIB, hex};

/// A hyper server. All of them share one runtime.
pub(crate) struct Bare {
    pub(crate) address: SocketAddr,
    accepting: AbortHandle,
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// What the server does with a request.
#[derive(Clone)]
pub(crate) enum Work {
    /// Answers with a constant.
    Nothing,
    /// Stores and hashes bodies, and returns them.
    Store(Arc<Store>),
    /// Reads bodies and discards them.
    Sink,
}

#[derive(Default)]
pub(crate) struct Store(Mutex<Vec<Vec<Bytes>>>);

pub(crate) fn runtime() -> &'static Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME
        .get_or_init(|| {
            let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4));
            Builder::new_multi_thread().worker_threads(cores).enable_all().build().unwrap()
        })
        .handle()
}

impl Bare {
    pub(crate) fn start(work: Work) -> Self {
        Self::start_on(0, work)
    }

    pub(crate) fn start_on(port: u16, work: Work) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let _entered = runtime().enter();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let accepting = runtime().spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let work = work.clone();
                let service = service_fn(move |request| answer(work.clone(), request));
                while connections.try_join_next().is_some() {}
                connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Bare { address, accepting: accepting.abort_handle() }
    }
}

type Answer = Response<Either<Full<Bytes>, Stored>>;

async fn answer(work: Work, request: Request<Incoming>) -> Result<Answer, Infallible> {
    let constant = |text: &str| Ok(Response::new(Either::Left(Full::from(text.to_owned()))));
    match work {
        Work::Nothing => constant("{}"),
        Work::Sink => {
            let mut body = request.into_body();
            while body.frame().await.is_some() {}
            Ok(Response::builder().status(201).body(Either::Left(Full::default())).unwrap())
        }
        Work::Store(store) if request.method() == Method::GET => {
            let number: usize = request.uri().path()[1..].parse().unwrap();
            let chunks = store.0.lock().unwrap()[number].clone();
            Ok(Response::new(Either::Right(Stored::new(chunks))))
        }
        Work::Store(store) => {
            let (chunks, plain, leaves) = receive(request.into_body()).await;
            let number = {
                let mut store = store.0.lock().unwrap();
                store.push(chunks);
                store.len() - 1
            };
            let answer = Response::builder().status(201).header("location", format!("/{number}"));
            let answer = answer.header("plain", hex(plain.as_ref()));
            let answer = answer.header("leaves", leaves.len());
            Ok(answer.body(Either::Left(Full::default())).unwrap())
        }
    }
}

/// Up to 1 MiB both hashes are equal and calculated once. Above, each hash has a thread.
async fn receive(mut body: Incoming) -> (Vec<Bytes>, Digest, Vec<Digest>) {
    let mut chunks = Vec::new();
    let length = body.size_hint().exact().unwrap();
    if length <= MIB as u64 {
        let mut plain = digest::Context::new(&SHA256);
        while let Some(Ok(frame)) = body.frame().await {
            let Ok(chunk) = frame.into_data() else { continue };
            plain.update(&chunk);
            // A small slice of a large buffer would keep the whole buffer alive.
            chunks.push(if chunk.len() < 16 * 1024 { Bytes::copy_from_slice(&chunk) } else { chunk });
        }
        let plain = plain.finish();
        return (chunks, plain, vec![plain]);
    }
    let ((to_plain, for_plain), (to_leaves, for_leaves)) = (mpsc::channel::<Bytes>(), mpsc::channel::<Bytes>());
    let plain = tokio::task::spawn_blocking(move || {
        let mut plain = digest::Context::new(&SHA256);
        for_plain.iter().for_each(|chunk| plain.update(&chunk));
        plain.finish()
    });
    let leaves = tokio::task::spawn_blocking(move || leaves(for_leaves.iter()));
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(chunk) = frame.into_data() else { continue };
        to_plain.send(chunk.clone()).unwrap();
        to_leaves.send(chunk.clone()).unwrap();
        chunks.push(chunk);
    }
    drop((to_plain, to_leaves));
    (chunks, plain.await.unwrap(), leaves.await.unwrap())
}

fn leaves(chunks: impl Iterator<Item = Bytes>) -> Vec<Digest> {
    let (mut leaf, mut room, mut leaves) = (digest::Context::new(&SHA256), MIB, Vec::new());
    for chunk in chunks {
        let mut rest = &chunk[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(room.min(rest.len()));
            leaf.update(now);
            (room, rest) = (room - now.len(), later);
            if room == 0 {
                leaves.push(std::mem::replace(&mut leaf, digest::Context::new(&SHA256)).finish());
                room = MIB;
            }
        }
    }
    if room < MIB {
        leaves.push(leaf.finish());
    }
    leaves
}

/// A body of chunks whose total length is known.
pub(crate) struct Stored {
    chunks: std::vec::IntoIter<Bytes>,
    left: u64,
}

impl Stored {
    fn new(chunks: Vec<Bytes>) -> Self {
        let left = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        Stored { chunks: chunks.into_iter(), left }
    }
}

impl hyper::body::Body for Stored {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.chunks.next();
        self.left -= next.as_ref().map_or(0, |chunk| chunk.len() as u64);
        Poll::Ready(next.map(|chunk| Ok(Frame::data(chunk))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// An axum handler that reads the body and answers with a constant.
pub(crate) async fn axum_constant() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    let handler = |_: Bytes| async { ([("content-type", "application/json")], CONSTANT) };
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(handler)).await });
    address
}

/// A response body as long as the description of a vault.
pub(crate) const CONSTANT: &str = r#"{"CreationDate":"2026-01-31T00:00:00.000Z","LastInventoryDate":null,"NumberOfArchives":1,"SizeInBytes":32773,"VaultARN":"arn:aws:glacier:us-east-1:000000000000:vaults/photos","VaultName":"photos"}"#;
