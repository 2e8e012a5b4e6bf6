//! Measures a thousand servers that are alive at the same time in one process.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::client::{Client, head};
use crate::contestants::{Server, in_a_test};
use crate::measure::{again_within, line, median, resident, us};

const COUNT: usize = 1000;

/// The contestants that can start that many servers. The pools of the others are smaller, so they would wait.
const WHO: [&str; 3] = ["bare hyper", "glacier-mock", "wiremock, no pool"];

pub(crate) fn all() {
    for who in WHO {
        // With that many threads wiremock does not always finish.
        let round = |_| again_within(&["one", "crowd", who], Duration::from_secs(20));
        let rounds: Vec<String> = (0..3).filter_map(round).collect();
        if rounds.is_empty() {
            continue;
        }
        let column = |n: usize| rounds.iter().map(move |text| text.split(' ').nth(n).unwrap().trim().parse().unwrap());
        line("crowd", "resident memory each", who, median(column(0)) / 1024.0, "KiB");
        line("crowd", "1,000 started and answering", who, median(column(1)) / 1000.0, "ms");
        line("crowd", "1,000 dropped", who, median(column(2)) / 1000.0, "ms");
        line("crowd", "ports open afterwards", who, median(column(3)), "");
    }
}

/// Runs in a separate process.
pub(crate) fn one(who: &str) {
    let request = head("GET", "/-/vaults", 0, "");
    in_a_test(async {
        // The first server also initialises the process, so it is not counted.
        let first = Server::start(who).await;
        Client::connect(first.address()).send(&request, b"");
        let before = resident();
        let began = Instant::now();
        let mut servers = Vec::with_capacity(COUNT);
        for _ in 0..COUNT {
            let server = Server::start(who).await;
            Client::connect(server.address()).send(&request, b"");
            servers.push(server);
        }
        let started = us(began.elapsed());
        let each = (resident() - before) / COUNT as f64;
        let addresses: Vec<_> = servers.iter().map(Server::address).collect();
        let began = Instant::now();
        drop(servers);
        let dropped = us(began.elapsed());
        let open = addresses.iter().filter(|address| TcpStream::connect(address).is_ok()).count();
        println!("{each} {started} {dropped} {open}");
    });
    std::process::exit(0);
}
