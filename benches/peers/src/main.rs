//! Compares glacier-mock with other mock servers and with minimal servers. `peers help` lists the commands.
//!
//! The contestants of a row take turns, each in separate processes, and a figure is a median. Compare only ratios
//! within one run on one machine. The program writes lines of JSON to standard output.

mod bodies;
mod client;
mod contestants;
mod crowd;
mod floor;
mod measure;
mod memory;
mod programs;
mod report;
mod small;
mod start;
mod unoptimised;

const HELP: &str = "\
peers COMMAND

  start        start to first answer: cold, with others kept, start-drop in a loop; the first client
  crowd        1,000 servers alive in one process: resident memory, dropping them, their ports
  small        server CPU per small request, throughput at 64 connections
  bodies       uploads and downloads against the floors
  memory       resident memory per byte stored, and what comes back
  programs     the program against other emulators: start, small requests, uploads
  unoptimised  for the dev profile: hash crates, a 64 MiB upload with the SDK
  all          all of these but the last, which is to be run in a build of the dev profile
  report       tables of lines from standard input to standard output
";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments {
        ["start"] => start::all(),
        ["crowd"] => crowd::all(),
        ["small"] => small::all(),
        ["bodies"] => bodies::all(),
        ["memory"] => memory::all(),
        ["unoptimised"] => unoptimised::all(),
        ["all"] => {
            start::all();
            crowd::all();
            small::all();
            bodies::all();
            memory::all();
            programs::all();
        }
        ["programs"] => programs::all(),
        ["report"] => report::write(),
        // The commands above start these in separate processes.
        ["one", "start", way, who] => start::one(way, who),
        ["one", "client"] => start::first_client(),
        ["one", "crowd", who] => crowd::one(who),
        ["one", "memory", what] => memory::one(what),
        ["one", "memory-deleted", what] => memory::deleted(what),
        ["serve", who] => contestants::serve(who),
        ["serve-on", who, port] => contestants::serve_on(who, port.parse().unwrap()),
        _ => print!("{HELP}"),
    }
}
