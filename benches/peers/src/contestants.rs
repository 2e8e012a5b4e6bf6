//! The servers that are compared. Each is started as its documentation says, in the runtime of a `#[tokio::test]`.

use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;

use glacier_mock::GlacierMock;

use crate::floor::{self, Bare, CONSTANT, Store, Work};

/// The servers that can be started and dropped. The first one is the lower bound.
pub(crate) const ALL: [&str; 5] = ["bare hyper", "glacier-mock", "wiremock", "httpmock", "mockito"];

/// A server that lives until it is dropped.
pub(crate) enum Server {
    Bare(Bare),
    Glacier(Box<GlacierMock>),
    Wiremock(wiremock::MockServer),
    Httpmock(httpmock::MockServer),
    Mockito(Box<mockito::ServerGuard>),
}

impl Server {
    pub(crate) async fn start(who: &str) -> Self {
        match who {
            "bare hyper" => Server::Bare(Bare::start(Work::Nothing)),
            "floor" => Server::Bare(Bare::start(Work::Store(Arc::new(Store::default())))),
            "sink" => Server::Bare(Bare::start(Work::Sink)),
            "glacier-mock" => Server::Glacier(Box::new(GlacierMock::start())),
            "wiremock" => Server::Wiremock(wiremock::MockServer::start().await),
            "wiremock, no pool" => Server::Wiremock(wiremock::MockServer::builder().start().await),
            "httpmock" => Server::Httpmock(httpmock::MockServer::start_async().await),
            "mockito" => Server::Mockito(Box::new(mockito::Server::new_async().await)),
            other => panic!("unknown contestant: {other}"),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Server::Bare(server) => server.address,
            Server::Glacier(server) => server.address(),
            Server::Wiremock(server) => *server.address(),
            Server::Httpmock(server) => *server.address(),
            Server::Mockito(server) => server.socket_address(),
        }
    }

    /// Makes a general mock server answer every request with a constant.
    async fn answer_a_constant(&mut self) {
        match self {
            Server::Wiremock(server) => {
                let answer = wiremock::ResponseTemplate::new(200).set_body_raw(CONSTANT, "application/json");
                wiremock::Mock::given(wiremock::matchers::any()).respond_with(answer).mount(server).await;
            }
            Server::Httpmock(server) => {
                let answer = |when: httpmock::When, then: httpmock::Then| {
                    when.any_request();
                    then.status(200).header("content-type", "application/json").body(CONSTANT);
                };
                server.mock_async(answer).await;
            }
            _ => {}
        }
    }
}

/// The runtime of a `#[tokio::test]`.
pub(crate) fn in_a_test<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

/// Serves another process: prints the address to standard output, and exits when standard input is closed.
pub(crate) fn serve(who: &str) {
    let wait = || std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    if who == "axum" {
        println!("{}", floor::runtime().block_on(floor::axum_constant()));
        wait();
        return;
    }
    in_a_test(async {
        let mut server = Server::start(who).await;
        server.answer_a_constant().await;
        println!("{}", server.address());
        wait();
    });
    // Shutting the server down is not measured.
    std::process::exit(0);
}

/// Serves a lower bound on this port until the process is ended.
pub(crate) fn serve_on(who: &str, port: u16) {
    let work = match who {
        "floor" => Work::Store(Arc::new(Store::default())),
        _ => Work::Nothing,
    };
    let _server = Bare::start_on(port, work);
    loop {
        std::thread::park();
    }
}
