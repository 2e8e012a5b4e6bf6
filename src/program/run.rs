//! Runs the program: reads the options, listens, reports the address, waits for a signal.

use std::io::{self, IsTerminal as _, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tracing_subscriber::filter::LevelFilter;

use crate::control::{Faults, JobRules};
use crate::control_api::ControlApi;
use crate::fixture::{GlacierMock, GlacierMockBuilder};
use crate::server::{Beside, LogLevel, background, flush, write, write_line};
use crate::service::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};
use crate::sts;
use crate::time::Clock;

use super::health;
use super::import::NotImported;
use super::initial::Initial;
use super::options::{Options, Subcommand, command};
use super::signals::{Signal, Signals};

/// How long the program waits at exit for the log to be written, in case standard error is not read.
const LAST_LINES: Duration = Duration::from_secs(1);

/// The exit status for an invalid option or an invalid file, which is also clap's.
const INVALID: u8 = 2;

/// Runs the program until SIGINT or SIGTERM. The exit status is 0 after a signal, 1 if the program cannot listen, and 2
/// for an invalid option.
pub fn run() -> ExitCode {
    let status = match Options::read() {
        Ok(options) => run_with(&options),
        Err(error) => invalid(&error),
    };
    flush(LAST_LINES);
    status
}

fn run_with(options: &Options) -> ExitCode {
    match &options.subcommand {
        Some(Subcommand::Document(document)) => match document.print(command()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                write_line(&format!("glacier-mock: cannot write to standard output: {error}"));
                ExitCode::FAILURE
            }
        },
        Some(Subcommand::Inspect(inspect)) => inspect.run(),
        Some(Subcommand::Import(import)) => match import.import() {
            Ok(()) => ExitCode::SUCCESS,
            Err(NotImported::Invalid(reason)) => invalid(&reason),
            Err(NotImported::Unwritten(reason)) => {
                write_line(&format!("glacier-mock: {reason}"));
                ExitCode::FAILURE
            }
        },
        None => serve(options),
    }
}

fn serve(options: &Options) -> ExitCode {
    listen_to_events(options.log.level);
    let initial = match options.service.init.as_deref().map_or_else(|| Ok(Initial::default()), Initial::read) {
        Ok(initial) => initial,
        Err(error) => return invalid(&error),
    };
    // The timing of a state that was loaded would replace that of the option.
    let initial = Arc::new(initial.with_timing(options.service.jobs.clone()));
    if let Err(error) = options.state.check() {
        return invalid(&error);
    }
    let prepared = match settings(options).prepare() {
        Ok(prepared) => prepared,
        Err(error) => return invalid(&error.to_string()),
    };
    let continues = prepared.continues;
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => {
            write_line(&format!("glacier-mock: cannot listen for signals: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let address = SocketAddr::new(options.listening.host, options.listening.port);
    let mut arranged = Ok(());
    // A state that exists already has the vaults of `--init`, or what became of them.
    let mock = prepared.listen(|mock| {
        // Nothing connects before the initial state exists.
        if !continues {
            arranged = initial.apply(&mock.mock);
        }
        beside(mock, options, &initial)
    });
    if let Err(error) = arranged {
        drop(mock);
        options.state.undo(continues);
        return invalid(&error.message);
    }
    let mock = match mock {
        Ok(mock) => mock,
        Err(error) => {
            options.state.undo(continues);
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
    if options.log.level != LogLevel::Off {
        options.state.line(continues).iter().for_each(|line| write_line(line));
        write_line(&hint(mock.address(), mock.region(), options.verifies()));
    }
    while background().block_on(signals.next()) == Signal::Reset {
        match options.state.kept_file() {
            None => reset(&mock, &initial),
            // Closing a terminal sends it, too.
            Some(file) => tracing::warn!(
                target: "glacier_mock",
                "SIGHUP is ignored, because a reset would empty {}. POST /reset of the control API does that",
                file.display()
            ),
        }
    }
    // A fault or a rule that was set through the control API and never applied is not an error of the program.
    Faults(&mock.mock.faults).clear();
    JobRules(&mock.mock.service).clear();
    let core = mock.mock.clone();
    // No request is served any more when the file of the state is closed.
    mock.stop_serving();
    if let Some(Err(error)) = core.kept_file().map(|file| file.close()) {
        write_line(&format!("glacier-mock: cannot write the last changes to the file of the state: {error}"));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn invalid(error: &str) -> ExitCode {
    write_line(&format!("glacier-mock: {error}"));
    ExitCode::from(INVALID)
}

/// Returns the routers for what the port serves in addition to Glacier.
fn beside(mock: &GlacierMock, options: &Options, initial: &Arc<Initial>) -> Beside {
    let beside = if options.control.control_api {
        let allowed_hosts = options.control.allowed_hosts().map(str::to_owned).collect();
        let (initial, arranged) = (initial.clone(), mock.mock.clone());
        let arrange = Arc::new(move || initial.restore(&arranged));
        mock.control_api(ControlApi { allowed_hosts, arrange: Some(arrange) })
    } else {
        Beside::default()
    };
    beside.with(health::takes, health::router()).with(sts::takes, sts::router(mock.mock.clone(), options.verifies()))
}

/// Returns to the state at the start, because of SIGHUP.
fn reset(mock: &GlacierMock, initial: &Initial) {
    mock.reset();
    initial.restore(&mock.mock);
    tracing::info!(target: "glacier_mock", "reset to the state at the start, because of SIGHUP");
}

fn settings(options: &Options) -> GlacierMockBuilder {
    let Options { listening, service, access, .. } = options;
    let mut settings = GlacierMockBuilder::of_program();
    if service.realistic {
        settings = settings.realistic();
    }
    if let Some(jobs) = &service.jobs {
        settings = settings.jobs(jobs.clone());
    }
    if let Some(inventory) = service.inventory {
        settings = settings.inventory(inventory);
    }
    if let Some(verify) = access.verify_signatures {
        settings = settings.verify_signatures(verify);
    }
    if service.free_tier {
        settings = settings.free_tier();
    }
    if let Some(seed) = service.seed {
        settings = settings.seed(seed);
    }
    match (&options.state.load, service.clock) {
        (Some(file), None) => settings = settings.load(file),
        (Some(file), Some(clock)) => settings = settings.load(file).clock(clock),
        (None, clock) => settings = settings.clock(clock.unwrap_or(Clock::wall())),
    }
    let settings = options.state.apply(options.publish.apply(options.limits.apply(settings)));
    settings
        .expedited_shortage(service.expedited_is_short)
        .principals(access.principals())
        .account(access.account)
        .region(&access.region)
        .stalled_upload_after(options.stalled_upload_after)
        .host(listening.host)
        .port(listening.port)
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
fn hint(mut address: SocketAddr, region: &str, verifies: bool) -> String {
    if address.ip() == IpAddr::V4(Ipv4Addr::UNSPECIFIED) {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let (key, secret) = if verifies { (ACCESS_KEY_ID, SECRET_ACCESS_KEY) } else { ("any", "any") };
    format!(
        "try: AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret} aws --region {region} --endpoint-url http://{address} \
         glacier list-vaults --account-id -"
    )
}
