//! Runs the program: reads the options, listens, reports the address, waits for a signal.

use std::io::{self, IsTerminal as _, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
#[cfg(unix)]
use std::task::Poll;
use std::time::Duration;

use tracing_subscriber::filter::LevelFilter;

use crate::control_api::ControlApi;
use crate::fixture::GlacierMockBuilder;
use crate::server::{LogLevel, write_line};
use crate::server::{background, flush, write};
use crate::service::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};

use super::options::Options;

/// How long the program waits at exit for the log to be written, in case standard error is not read.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Runs the program until SIGINT or SIGTERM. The exit status is 0 after a signal, 1 if the program cannot listen, and 2
/// for an invalid option.
pub fn run() -> ExitCode {
    let status = serve(&Options::read());
    flush(LAST_LINES);
    status
}

fn serve(options: &Options) -> ExitCode {
    listen_to_events(options.log);
    let signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => {
            write_line(&format!("glacier-mock: cannot listen for signals: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let address = SocketAddr::new(options.host, options.port);
    let mock = settings(options).try_start_beside(|mock| mock.control_api(ControlApi::default()));
    let mock = match mock {
        Ok(mock) => mock,
        Err(error) => {
            write_line(&format!("glacier-mock: cannot listen on {address}: {error}"));
            if error.kind() == io::ErrorKind::AddrInUse {
                write_line("Another program uses the port. `--port 0` selects any free port.");
            }
            return ExitCode::FAILURE;
        }
    };
    // The parent process may have closed its end of standard output. The mock still serves requests then.
    let _ = writeln!(io::stdout(), "glacier-mock listening on http://{}", mock.address());
    let _ = io::stdout().flush();
    write_line(&hint(mock.address(), options.verifies()));
    background().block_on(signals.wait());
    // A fault that was set through the control API and never applied is not an error of the program.
    mock.reset();
    ExitCode::SUCCESS
}

fn settings(options: &Options) -> GlacierMockBuilder {
    let mut settings = GlacierMockBuilder::of_program();
    if options.realistic {
        settings = settings.realistic();
    }
    if let Some(jobs) = &options.jobs {
        settings = settings.jobs(jobs.clone());
    }
    if let Some(inventory) = options.inventory {
        settings = settings.inventory(inventory);
    }
    if let Some(verify) = options.verify_signatures {
        settings = settings.verify_signatures(verify);
    }
    settings = settings.principals(options.principals());
    settings = settings.stalled_upload_after(options.stalled_upload_after);
    settings.host(options.host).port(options.port).account(options.account).clock(options.clock)
}

fn listen_to_events(log: LogLevel) {
    let level = match log {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Requests => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(|| Lines)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .init();
}

/// Writes to the log's queue, which never blocks and never fails.
struct Lines;

impl Write for Lines {
    /// Each call receives one complete event.
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        write(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns a command for the user to copy.
fn hint(mut address: SocketAddr, verifies: bool) -> String {
    if address.ip() == IpAddr::V4(Ipv4Addr::UNSPECIFIED) {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let (key, secret) = if verifies { (ACCESS_KEY_ID, SECRET_ACCESS_KEY) } else { ("any", "any") };
    format!(
        "try: AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret} aws --region us-east-1 --endpoint-url http://{address} \
         glacier list-vaults --account-id -"
    )
}

/// The signals that stop the program (SIGINT, SIGTERM).
///
/// The program listens for them before it reports that it is ready, because a parent process that reads that line may
/// send a signal at once.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let _entered = background().enter();
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn wait(mut self) {
        std::future::poll_fn(|context| {
            let came = self.interrupt.poll_recv(context).is_ready() || self.terminate.poll_recv(context).is_ready();
            if came { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Signals)
    }

    async fn wait(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
