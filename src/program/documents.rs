//! The subcommands that print a document about the program: completions for a shell, and the manual page.

use std::io::{self, Write as _};

use clap::{Command, Subcommand};
use clap_complete::Shell;

/// A document that the program prints instead of serving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub(super) enum Document {
    /// Print the completions of the command line for a shell.
    Completions {
        /// The shell that reads the completions.
        shell: Shell,
    },
    /// Print the manual page, in the format of man(1).
    Man,
}

impl Document {
    /// Writes the document to standard output.
    pub(super) fn print(self, command: Command) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(&self.written(command)?)?;
        out.flush()
    }

    fn written(self, mut command: Command) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        match self {
            Document::Completions { shell } => {
                let name = command.get_name().to_owned();
                clap_complete::generate(shell, &mut command, name, &mut text);
            }
            Document::Man => clap_mangen::Man::new(command).render(&mut text)?,
        }
        Ok(text)
    }
}
