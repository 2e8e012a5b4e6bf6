//! How each program of this crate serves its emulator.

use std::net::SocketAddr;

use axum::Router;

/// The account and the region of an emulator that takes them from its options, as its own program has them by default.
pub const ACCOUNT: &str = "000000000000";
pub const REGION: &str = "us-east-1";

/// Serves a router on the port of the first argument, or on any free port, until the process is ended. Prints the
/// address to standard output when it listens.
pub fn serve(router: Router) {
    let port = std::env::args().nth(1).map_or(0, |port| port.parse().expect("the argument is a port"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service).await.expect("the server");
    });
}
