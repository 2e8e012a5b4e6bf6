//! The options of the program: each is a flag, an environment variable, and a key of the configuration file.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{BoolishValueParser, Resettable};
use clap::{Args, Command, CommandFactory as _, FromArgMatches as _, Parser};

use crate::domain::account::{Account, Principal};
use crate::domain::vault::InventoryMode;
use crate::server::LogLevel;
use crate::service::JobTiming;
use crate::time::Clock;

use super::config;
use super::documents::{DOCUMENTATION, Document};
use super::import::ImportOptions;
use super::inspect::InspectOptions;
use super::invalid::{Invalid, with_advice};
use super::limits::LimitOptions;
use super::publish::PublishOptions;
use super::state::StateOptions;
use super::values::{self, Hosts, Principals};

/// A mock of the original, vault-based Amazon S3 Glacier service, for the AWS CLI and the SDKs of all languages.
///
/// All state is in memory and is lost when the program stops, unless `--state` names a file. Any credentials are
/// accepted unless signatures are verified. An access key ID of exactly 12 digits selects the account with that number.
///
/// An option on the command line overrides the environment variable, which overrides the configuration file. An empty
/// environment variable counts as missing.
#[derive(Debug, Parser)]
#[command(name = "glacier-mock", version, max_term_width = 100, args_conflicts_with_subcommands = true)]
#[command(subcommand_value_name = "COMMAND", subcommand_help_heading = "Commands")]
pub(super) struct Options {
    /// A TOML file with options.
    ///
    /// Its keys are the names of the options without the leading dashes, for example `port = 4566` or
    /// `verify-signatures = true`. An option that can be repeated takes a list. A principal can also be a table with the
    /// keys `access-key`, `secret` and `arn`.
    #[arg(long, env = "GLACIER_MOCK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(flatten)]
    pub(super) listening: ListenOptions,

    #[command(flatten)]
    pub(super) service: ServiceOptions,

    #[command(flatten)]
    pub(super) state: StateOptions,

    #[command(flatten)]
    pub(super) access: AccessOptions,

    /// How long a request body may stall.
    ///
    /// After that the program answers with RequestTimeoutException (408) and stores nothing.
    #[arg(
        long,
        help_heading = "Limits",
        env = "GLACIER_MOCK_STALLED_UPLOAD_AFTER",
        default_value = "30s",
        value_name = "DURATION",
        value_parser = values::stalled
    )]
    pub(super) stalled_upload_after: Duration,

    #[command(flatten)]
    pub(super) limits: LimitOptions,

    #[command(flatten)]
    pub(super) publish: PublishOptions,

    #[command(flatten)]
    pub(super) log: LogOptions,

    #[command(flatten)]
    pub(super) control: ControlOptions,

    #[command(subcommand)]
    pub(super) subcommand: Option<Subcommand>,
}

/// What the program does instead of serving.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Subcommand {
    /// Show what is in a file with a saved state.
    Inspect(InspectOptions),
    /// Make a file for `--load` from inventories of real vaults.
    ///
    /// Each archive has the ID, the description, the creation date, the size and the tree hash of the inventory. Its
    /// bytes are zeros, so a client that verifies the tree hash of a retrieval finds a difference.
    Import(ImportOptions),
    #[command(flatten)]
    Document(Document),
}

/// Where the program listens.
#[derive(Debug, Args)]
#[command(next_help_heading = "Listening")]
pub(super) struct ListenOptions {
    /// The IP address to listen on, or `localhost`, which is 127.0.0.1.
    ///
    /// With 0.0.0.0 other machines can connect.
    #[arg(long, env = "GLACIER_MOCK_HOST", default_value = "127.0.0.1", value_parser = values::host)]
    pub(super) host: IpAddr,

    /// The port to listen on. 0 selects any free port.
    #[arg(long, env = "GLACIER_MOCK_PORT", default_value_t = 4566)]
    pub(super) port: u16,
}

/// How the service behaves, and its state at the start.
#[derive(Debug, Args)]
#[command(next_help_heading = "Service behaviour")]
pub(super) struct ServiceOptions {
    /// Behave like AWS: jobs by tier, daily inventories, verified signatures.
    ///
    /// Other options override this, wherever they are given.
    #[arg(
        long,
        env = "GLACIER_MOCK_REALISTIC",
        value_name = "true|false",
        value_parser = BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        hide_default_value = true
    )]
    pub(super) realistic: bool,

    /// When jobs complete.
    ///
    /// `instant` (the default), `by-tier` (after as long as on AWS), `manual` (when a request to the control API ends
    /// the job), or a fixed time after the job was started, for example `5s`, `2m 30s` or `4h`.
    #[arg(
        long,
        env = "GLACIER_MOCK_JOBS",
        value_name = "instant|by-tier|manual|DURATION",
        value_parser = values::jobs
    )]
    pub(super) jobs: Option<JobTiming>,

    /// The content of inventories.
    ///
    /// `live` (the default) lists the archives that exist now. `daily` lists those of a snapshot taken once a day, as
    /// on AWS.
    #[arg(long, env = "GLACIER_MOCK_INVENTORY", value_name = "live|daily", value_parser = values::inventory)]
    pub(super) inventory: Option<InventoryMode>,

    /// The clock of the service.
    ///
    /// `wall` (the default), or a timestamp such as 2026-01-31T00:00:00Z at which the clock is frozen.
    ///
    /// With `--load`, the clock continues by default at the instant of the file, and follows what it followed when the
    /// file was saved.
    #[arg(long, env = "GLACIER_MOCK_CLOCK", value_name = "wall|TIMESTAMP", value_parser = values::clock)]
    pub(super) clock: Option<Clock>,

    /// Start each account with the data retrieval policy FreeTier.
    ///
    /// By default it is None, which does not limit retrievals. An account can set another policy in either case.
    #[arg(
        long,
        env = "GLACIER_MOCK_FREE_TIER",
        value_name = "true|false",
        value_parser = BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        hide_default_value = true
    )]
    pub(super) free_tier: bool,

    /// Refuse Expedited retrievals that no provisioned capacity covers.
    ///
    /// The error is InsufficientCapacityException.
    #[arg(
        long,
        env = "GLACIER_MOCK_EXPEDITED_IS_SHORT",
        value_name = "true|false",
        value_parser = BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        hide_default_value = true
    )]
    pub(super) expedited_is_short: bool,

    /// The seed of the generated IDs.
    ///
    /// With the same seed, the same requests in the same order receive the same IDs. By default the seed is random.
    #[arg(long, env = "GLACIER_MOCK_SEED", value_name = "NUMBER")]
    pub(super) seed: Option<u64>,

    /// A TOML or JSON file with the vaults that exist at the start and after each reset.
    ///
    /// A file whose extension is `json` is read as JSON, and all others as TOML. It contains vaults with archives,
    /// policies, locks, tags and notifications, and the timing of jobs. No requests are recorded for them.
    #[arg(long, env = "GLACIER_MOCK_INIT", value_name = "FILE")]
    pub(super) init: Option<PathBuf>,
}

/// Who may call the service.
#[derive(Debug, Args)]
#[command(next_help_heading = "Access")]
pub(super) struct AccessOptions {
    /// The 12-digit account of callers whose access key does not select another one.
    #[arg(long, env = "GLACIER_MOCK_ACCOUNT", default_value = "000000000000", value_parser = values::account)]
    pub(super) account: Account,

    /// The region of requests whose signature does not name one.
    #[arg(long, env = "GLACIER_MOCK_REGION", default_value = "us-east-1", value_parser = values::region)]
    pub(super) region: String,

    /// A principal that may call the service, with its credentials.
    ///
    /// Repeat the option for several principals. In the environment variable, separate them with spaces.
    #[arg(
        long,
        env = "GLACIER_MOCK_PRINCIPAL",
        value_name = "ACCESS_KEY:SECRET:ARN",
        value_parser = values::principals
    )]
    principal: Vec<Principals>,

    /// Reject requests with an invalid signature or an unknown access key.
    ///
    /// Known access keys are those of `--principal`, and the one that the program prints when it starts.
    #[arg(
        long,
        env = "GLACIER_MOCK_VERIFY_SIGNATURES",
        value_name = "true|false",
        value_parser = BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(super) verify_signatures: Option<bool>,
}

/// What the program logs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Log")]
pub(super) struct LogOptions {
    /// What to write to standard error.
    ///
    /// `off`: nothing. `requests`: one line per request. `debug`: also connection events, and the request ID and user
    /// agent of each request.
    #[arg(
        long = "log",
        env = LogLevel::VARIABLE,
        default_value = "requests",
        value_name = "off|requests|debug",
        value_parser = values::log
    )]
    pub(super) level: LogLevel,
}

/// The control API.
#[derive(Debug, Args)]
#[command(next_help_heading = "Control API")]
pub(super) struct ControlOptions {
    /// Whether to serve the control API and the console under `/_glacier-mock`.
    ///
    /// Clients use it to advance the clock, to set faults, and to read the requests that were received.
    #[arg(
        long,
        env = "GLACIER_MOCK_CONTROL_API",
        value_name = "true|false",
        value_parser = BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_value = "true",
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub(super) control_api: bool,

    /// A host name that requests to the control API may have in their Host header.
    ///
    /// IP addresses, `localhost` and names under `.localhost` are always allowed. Repeat the option for several names.
    /// In the environment variable, separate them with spaces.
    #[arg(long, env = "GLACIER_MOCK_ALLOW_HOST", value_name = "NAME", value_parser = values::hosts)]
    allow_host: Vec<Hosts>,
}

impl Options {
    /// Reads the command line, the environment for options that are not on it, and the configuration file for options
    /// that are in neither. An empty variable counts as missing, because files of containers and CI often have no other
    /// way to omit one. Returns the message of an error in the configuration file, and exits with an error message if
    /// another value is invalid.
    pub(super) fn read() -> Result<Self, String> {
        let command = command().mut_args(|flag| {
            let is_empty = |name| std::env::var_os(name).is_some_and(|value| value.to_string_lossy().trim().is_empty());
            if flag.get_env().is_some_and(is_empty) { flag.env(Resettable::Reset) } else { flag }
        });
        Self::of(command, std::env::args_os().collect::<Vec<_>>()).map_err(|invalid| match invalid {
            Invalid::Option(error) => error.exit(),
            Invalid::File(message) => message,
        })
    }

    fn of(command: Command, arguments: impl IntoIterator<Item = OsString> + Clone) -> Result<Self, Invalid> {
        // A clone, because clap cannot change the arguments of a command that has parsed something.
        let mut given = command.clone().try_get_matches_from(arguments.clone()).map_err(with_advice)?;
        if let (Some(file), None) = (given.get_one::<PathBuf>("config"), given.subcommand()) {
            // The values of the file become the defaults, which the environment and the command line override.
            let command = config::with_defaults_of(command, file).map_err(Invalid::File)?;
            given = command.try_get_matches_from(arguments)?;
        }
        Ok(Options::from_arg_matches(&given)?)
    }

    /// Returns whether signatures are verified, with all options taken into account.
    pub(super) fn verifies(&self) -> bool {
        self.access.verify_signatures.unwrap_or(self.service.realistic)
    }
}

impl AccessOptions {
    /// Returns all principals that were given.
    pub(super) fn principals(&self) -> impl Iterator<Item = Principal> + '_ {
        self.principal.iter().flat_map(|Principals(list)| list).cloned()
    }
}

impl ControlOptions {
    /// Returns the host names that were given, in lower case.
    pub(super) fn allowed_hosts(&self) -> impl Iterator<Item = &str> {
        self.allow_host.iter().flat_map(|Hosts(names)| names).map(String::as_str)
    }
}

/// Returns the definition of the command line.
pub(super) fn command() -> Command {
    // The help does not show the values of environment variables, because some are secrets. The name of an option's
    // value lists the possible ones already.
    let command = Options::command().after_help(format!("Guide: {DOCUMENTATION}"));
    command.mut_args(|option| option.hide_env_values(true).hide_possible_values(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_of_the_options_is_consistent() {
        command().debug_assert();
    }

    /// The configuration file and the environment name an option as the command line does.
    #[test]
    fn every_option_has_an_environment_variable_of_its_name() {
        for option in command().get_arguments() {
            let name = option.get_long().unwrap();
            let variable = format!("GLACIER_MOCK_{}", name.to_uppercase().replace('-', "_"));
            assert_eq!(option.get_env().and_then(|name| name.to_str()), Some(&*variable), "--{name}");
        }
    }

    #[test]
    fn every_option_has_a_heading_except_the_configuration_file() {
        let headings =
            ["Listening", "Service behaviour", "State", "Access", "Limits", "Notifications", "Log", "Control API"]
                .map(Some)
                .into_iter();
        for option in command().get_arguments().filter(|option| option.get_id() != "config") {
            let heading = option.get_help_heading();
            assert!(headings.clone().any(|known| known == heading), "{}: {heading:?}", option.get_id());
        }
    }

    /// The width is that of a terminal without a known size. `--help` uses at most 100 columns in any terminal.
    #[test]
    fn the_help_is_grouped_and_fits_in_100_columns() {
        let help = command().term_width(100).render_long_help().to_string();
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        insta::assert_snapshot!(help);
    }

    #[test]
    fn hosts_may_be_repeated_and_separated_by_blanks() {
        let arguments = ["glacier-mock", "--allow-host", "glacier", "--allow-host=Mock.Internal other"];
        let options = Options::of(command().mut_args(|flag| flag.env(Resettable::Reset)), arguments.map(Into::into));
        let options = options.unwrap();
        assert_eq!(options.control.allowed_hosts().collect::<Vec<_>>(), ["glacier", "mock.internal", "other"]);
        assert!(options.control.control_api);
    }
}
