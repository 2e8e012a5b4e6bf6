//! AWSim with its Glacier service alone, wired to its gateway as the main function of the crate `awsim` does it.

use std::sync::Arc;

use awsim_core::ServiceHandler as _;
use awsim_core::gateway::{AppState, handle_request};
use emulators::{ACCOUNT, REGION, serve};

fn main() {
    let mut state = AppState::new(REGION.into(), ACCOUNT.into());
    let glacier = awsim_glacier::GlacierService::new();
    let routes = glacier.routes();
    state.register(Arc::new(glacier), routes);
    // The program has this limit of 5 GiB on every path with two segments or more.
    let limit = axum::extract::DefaultBodyLimit::max(5 << 30);
    serve(axum::Router::new().fallback(handle_request).layer(limit).with_state(state));
}
