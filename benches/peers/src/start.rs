//! Measures the time from the call that starts a server to its first response.

use std::time::Instant;

use glacier_mock::GlacierMock;

use crate::client::{Client, head};
use crate::contestants::{ALL, Server, in_a_test};
use crate::measure::{again, line, median, us};

/// `cold`: the first of its process. `kept`: others are alive. `reused`: start, answer, drop, in a loop.
const WAYS: [&str; 3] = ["cold", "kept", "reused"];

/// The number of servers, which is the size of the smallest pool of a contestant.
const KEPT: usize = 20;

const REUSED: usize = 200;

pub(crate) fn all() {
    for (way, rounds) in WAYS.into_iter().zip([25, 7, 7]) {
        let mut seen = vec![Vec::new(); ALL.len()];
        for _ in 0..rounds {
            for (who, seen) in ALL.iter().zip(&mut seen) {
                seen.push(again(&["one", "start", way, who]).trim().parse().unwrap());
            }
        }
        for (who, seen) in ALL.iter().zip(seen) {
            line("start", way, who, median(seen), "us");
        }
    }
    let clients: Vec<String> = (0..25).map(|_| again(&["one", "client"])).collect();
    let column = |n: usize| clients.iter().map(move |text| text.split(' ').nth(n).unwrap().trim().parse().unwrap());
    line("start", "the first client of a process", "glacier-mock", median(column(0)), "us");
    line("start", "the first call of a process, with the SDK", "glacier-mock", median(column(1)), "us");
}

/// Runs in a separate process, and prints microseconds.
pub(crate) fn one(way: &str, who: &str) {
    let request = head("GET", "/-/vaults", 0, "");
    let took = in_a_test(async {
        let (mut kept, mut took) = (Vec::new(), Vec::new());
        let count = match way {
            "cold" => 1,
            "kept" => KEPT,
            _ => REUSED,
        };
        for _ in 0..count {
            let began = Instant::now();
            let server = Server::start(who).await;
            let mut client = Client::connect(server.address());
            client.send(&request, b"");
            drop(client);
            match way {
                "reused" => drop(server),
                _ => kept.push(server),
            }
            took.push(us(began.elapsed()));
        }
        // The first server is measured as `cold`.
        if count > 1 {
            took.remove(0);
        }
        took
    });
    println!("{}", median(took));
    std::process::exit(0);
}

/// Runs in a separate process, and prints the microseconds for the first client and for the first call after it.
pub(crate) fn first_client() {
    in_a_test(async {
        let mock = GlacierMock::start();
        let began = Instant::now();
        let client = mock.client();
        let made = us(began.elapsed());
        client.list_vaults().send().await.unwrap();
        println!("{made} {}", us(began.elapsed()) - made);
    });
}
