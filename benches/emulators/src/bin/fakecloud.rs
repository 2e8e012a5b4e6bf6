//! fakecloud with its Glacier service alone, wired to its dispatcher as the main function of the crate `fakecloud` does
//! it.

use std::sync::Arc;

use axum::Extension;
use emulators::{ACCOUNT, REGION, serve};
use fakecloud_core::dispatch::{self, DispatchConfig};
use fakecloud_core::multi_account::MultiAccountState;
use fakecloud_core::registry::ServiceRegistry;

fn main() {
    // The service puts this address into no answer of Glacier.
    let state = MultiAccountState::new(ACCOUNT, REGION, "http://127.0.0.1");
    let glacier = fakecloud_glacier::GlacierService::new(Arc::new(parking_lot::RwLock::new(state)));
    let mut registry = ServiceRegistry::new();
    registry.register(Arc::new(glacier));
    let router = axum::Router::new()
        .fallback(dispatch::dispatch)
        .layer(Extension(Arc::new(registry)))
        .layer(Extension(Arc::new(DispatchConfig::new(REGION, ACCOUNT))));
    serve(router);
}
