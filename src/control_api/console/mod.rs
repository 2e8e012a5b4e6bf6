//! The console: one web page that uses the control API, and nothing else.
//!
//! Its files are part of the program and are served as they are.

use axum::Router;
use axum::extract::Path;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use hyper::Method;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};

use super::error::ApiError;

/// The path of the page.
const PAGE: &str = "/_glacier-mock/";

/// The page may load its own scripts, style and icon and call its own server. A browser refuses all else, also code in
/// the page itself and HTML that is made from text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

/// The headers of every answer of the console. With `no-cache` a browser revalidates each file when it loads the page,
/// so it never shows the page of an older program.
const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (CACHE_CONTROL, "no-cache"),
];

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// A file: its name, content type and text.
type File = (&'static str, &'static str, &'static str);

macro_rules! file {
    ($name:literal, $kind:expr) => {
        ($name, $kind, include_str!($name))
    };
}

const INDEX: File = file!("index.html", HTML);

/// All files but the page itself.
const FILES: &[File] = &[
    file!("style.css", CSS),
    file!("views.css", CSS),
    file!("icon.svg", SVG),
    file!("api.js", SCRIPT),
    file!("body.js", SCRIPT),
    file!("clock.js", SCRIPT),
    file!("dialog.js", SCRIPT),
    file!("dom.js", SCRIPT),
    file!("effects.js", SCRIPT),
    file!("explain.js", SCRIPT),
    file!("fault-form.js", SCRIPT),
    file!("facts.js", SCRIPT),
    file!("faults.js", SCRIPT),
    file!("follow.js", SCRIPT),
    file!("format.js", SCRIPT),
    file!("jobs.js", SCRIPT),
    file!("list.js", SCRIPT),
    file!("main.js", SCRIPT),
    file!("names.js", SCRIPT),
    file!("notice.js", SCRIPT),
    file!("record.js", SCRIPT),
    file!("refresh.js", SCRIPT),
    file!("request-row.js", SCRIPT),
    file!("requests.js", SCRIPT),
    file!("reset.js", SCRIPT),
    file!("state.js", SCRIPT),
    file!("usage.js", SCRIPT),
    file!("vault-inside.js", SCRIPT),
    file!("vaults.js", SCRIPT),
    file!("views.js", SCRIPT),
];

pub(super) fn routes() -> Router {
    let page = || async { answer(INDEX) };
    Router::new()
        .route("/", get(to_page))
        .route("/_glacier-mock", get(to_page))
        .route(PAGE, get(page))
        .route("/_glacier-mock/{file}", get(file))
}

/// Returns whether a browser requests the page at `/`. A request that is signed, or that has a query, as a presigned
/// URL does, is for Glacier.
pub(super) fn is_browser_at_root<B>(request: &hyper::Request<B>) -> bool {
    let (uri, headers) = (request.uri(), request.headers());
    let accepts_html = || {
        let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut kinds = accepted.flat_map(|value| value.split(',')).filter_map(|range| range.split(';').next());
        kinds.any(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
    };
    request.method() == Method::GET
        && uri.path() == "/"
        && uri.query().is_none()
        && !headers.contains_key(AUTHORIZATION)
        && accepts_html()
}

async fn to_page() -> Response {
    ([(VARY, "Accept")], AppendHeaders(HEADERS), Redirect::temporary(PAGE)).into_response()
}

async fn file(Path(name): Path<String>) -> Result<Response, ApiError> {
    let found = FILES.iter().find(|(file, ..)| *file == name);
    found.copied().map(answer).ok_or_else(|| ApiError::not_found(format!("there is no file {name:?} in the console")))
}

fn answer((_, kind, text): File) -> Response {
    ([(CONTENT_TYPE, kind)], AppendHeaders(HEADERS), text).into_response()
}
