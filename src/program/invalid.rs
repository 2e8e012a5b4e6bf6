//! The error of the options, and advice that clap does not give.

use clap::error::{ContextKind, ContextValue};

/// Why the options cannot be used.
#[derive(Debug)]
pub(super) enum Invalid {
    /// The command line, or an environment variable.
    Option(clap::Error),
    /// The configuration file.
    File(String),
}

impl From<clap::Error> for Invalid {
    fn from(error: clap::Error) -> Self {
        Invalid::Option(error)
    }
}

/// Adds advice to the error of `--realistic true`, which clap reports as an unknown subcommand `true`.
pub(super) fn with_advice(mut error: clap::Error) -> clap::Error {
    const WORDS: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "1", "0"];
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
        && WORDS.contains(&word.to_lowercase().as_str())
    {
        let tip = format!("the value of an option that is on or off follows `=`, for example `--realistic={word}`");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}
