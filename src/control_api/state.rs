//! The endpoints that export the whole state as a file, and import one.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::NoContent;
use futures_util::stream::unfold;
use http_body_util::BodyExt as _;
use hyper::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, HeaderName};
use serde::Deserialize;
use tempfile::TempDir;

use crate::control::{ControlError, export, import, write_state};

use super::content::RawBody;
use super::contents::Octets;
use super::endpoint::Routes;
use super::error::ApiError;
use super::parts::Parts;
use super::read::{Nothing, Query};

/// How many bytes of a file are read or written at once.
const AT_ONCE: usize = 256 * 1024;

/// The name under which a browser saves the file.
const NAME: &str = "attachment; filename=\"state.glacier\"";

/// How to export the state.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Export {
    /// Whether the file has the bytes of archives that the program reads from other files. Defaults to `true`. Otherwise it
    /// has the paths of those files, and can be imported only where they exist.
    embed_files: Option<bool>,
}

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/state", "The whole state as one file", read)
        .described("The file has the secrets of the registered principals.")
        .put("/state", "Replaces the whole state by that of a file", replace)
        .described(
            "The body is a file that this endpoint exported or a Rust test saved. The record, faults, expectations and rules \
             for jobs stay. A file that is refused changes nothing.",
        )
        .post("/state", "Writes all changes to the file in which the program keeps its state", write)
        .described(
            "Needed only with `--durability second` and `exit`. It is a conflict if the program keeps its state in memory.",
        )
}

/// The headers of an exported file.
type Headers = [(HeaderName, String); 2];

async fn read(State(parts): State<Parts>, query: Query<Export>) -> Result<(Headers, Octets), ApiError> {
    let embed = query.form.embed_files.unwrap_or(true);
    let exported = blocking(move || {
        let file = Temporary::new()?;
        export(&parts.mock, &file.path(), embed)?;
        file.open()
    });
    let (file, length) = exported.await?.map_err(|error| not_possible("exported", &error))?;
    let headers = [(CONTENT_LENGTH, length.to_string()), (CONTENT_DISPOSITION, NAME.to_owned())];
    Ok((headers, Octets(file.into_body())))
}

async fn replace(State(parts): State<Parts>, _: Query<Nothing>, body: RawBody) -> Result<NoContent, ApiError> {
    let file = receive(body.0).await?;
    blocking(move || import(&parts.mock, &file.path())).await??;
    Ok(NoContent)
}

async fn write(State(parts): State<Parts>, _: Query<Nothing>) -> Result<NoContent, ApiError> {
    match write_state(&parts.mock).await {
        Some(written) => written.map(|()| NoContent).map_err(|reason| ApiError::not_kept(&reason)),
        None => Err(ControlError::conflict("the program keeps its state in memory; start it with --state FILE").into()),
    }
}

/// A file in a separate folder, which only the user of the program can read, and which is removed when this is dropped.
struct Temporary(TempDir);

/// A temporary file that is being read. The fields are dropped in their order: some systems do not remove open files.
struct Opened {
    file: File,
    _folder: Temporary,
}

impl Temporary {
    fn new() -> io::Result<Self> {
        tempfile::Builder::new().prefix("glacier-mock-state-").tempdir().map(Temporary)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("state.glacier")
    }

    /// Opens the file for reading. Returns its length, too.
    fn open(self) -> io::Result<(Opened, u64)> {
        let file = File::open(self.path())?;
        let length = file.metadata()?.len();
        Ok((Opened { file, _folder: self }, length))
    }
}

impl Opened {
    /// Returns a body that reads the file as the client receives it. The file is removed with the body.
    fn into_body(self) -> Body {
        Body::from_stream(unfold(Some(self), |opened| async {
            let mut opened = opened?;
            let read = blocking(move || {
                let mut bytes = vec![0; AT_ONCE];
                let length = opened.file.read(&mut bytes)?;
                bytes.truncate(length);
                Ok::<_, io::Error>((bytes, opened))
            });
            match read.await {
                Ok(Ok((bytes, _))) if bytes.is_empty() => None,
                Ok(Ok((bytes, opened))) => Some((Ok(Bytes::from(bytes)), Some(opened))),
                Ok(Err(error)) => Some((Err(error), None)),
                Err(_) => Some((Err(io::ErrorKind::Interrupted.into()), None)),
            }
        }))
    }
}

/// Writes a body to a temporary file.
async fn receive(mut body: Body) -> Result<Temporary, ApiError> {
    let failed = |error: io::Error| not_possible("received", &error);
    let created = blocking(|| {
        let folder = Temporary::new()?;
        Ok::<_, io::Error>((File::create_new(folder.path())?, folder))
    });
    let (mut file, folder) = created.await?.map_err(failed)?;
    let mut pending = Vec::with_capacity(AT_ONCE);
    loop {
        let frame = body.frame().await;
        let is_over = frame.is_none();
        if let Some(frame) = frame {
            let frame = frame.map_err(|error| ApiError::invalid(format!("the body ended early: {error}")))?;
            // Trailers are not part of the body.
            pending.extend_from_slice(&frame.into_data().unwrap_or_default());
        }
        if is_over || pending.len() >= AT_ONCE {
            let written = blocking(move || {
                file.write_all(&pending)?;
                pending.clear();
                Ok::<_, io::Error>((file, pending))
            });
            (file, pending) = written.await?.map_err(failed)?;
        }
        if is_over {
            return Ok(folder);
        }
    }
}

fn not_possible(what: &str, error: &io::Error) -> ApiError {
    ApiError::internal(format!("the state could not be {what}: {error}"))
}

/// Runs something that reads or writes files on a thread that may block.
async fn blocking<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    let done = tokio::task::spawn_blocking(run).await;
    done.map_err(|error| ApiError::internal(format!("the endpoint was interrupted: {error}")))
}
