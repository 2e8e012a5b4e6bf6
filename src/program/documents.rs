//! The subcommands that print a document about the program: completions for a shell, and the manual page.

use std::io::{self, Write as _};

use clap::{Command, Subcommand};
use clap_complete::Shell;
use clap_mangen::roff::{Roff, roman};

/// The address of the documentation, whose guide `program` is about the program. Cargo.toml has it as well.
pub(super) const DOCUMENTATION: &str = "https://docs.rs/glacier-mock/latest/glacier_mock/guide/program/index.html";

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
            Document::Man => {
                // The section SEE ALSO has the address.
                clap_mangen::Man::new(command.after_help(None)).render(&mut text)?;
                text.extend(last_sections());
            }
        }
        Ok(text)
    }
}

/// Returns the sections of the manual page that clap_mangen does not write.
fn last_sections() -> Vec<u8> {
    let mut page = Roff::new();
    page.control("SH", ["EXIT STATUS"]);
    for (status, meaning) in [
        ("0", "SIGINT or SIGTERM stopped the program."),
        (
            "1",
            "The program cannot listen, for example because another program uses the port; inspect cannot load its file; or a file cannot be written.",
        ),
        ("2", "An option, a variable or a file is invalid."),
    ] {
        page.control("TP", []).text([roman(status)]).text([roman(meaning)]);
    }
    page.control("SH", ["SEE ALSO"]);
    page.text([roman(DOCUMENTATION)]);
    page.render().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_below_that_of_the_crate() {
        let manifest: toml::Table = include_str!("../../Cargo.toml").parse().unwrap();
        let documentation = manifest["package"]["documentation"].as_str().unwrap();
        assert!(DOCUMENTATION.starts_with(&format!("{documentation}/")), "{documentation}");
    }
}
