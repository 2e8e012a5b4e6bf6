//! The configuration file: a TOML table whose keys are the names of options.
//!
//! Each option is defined once, in `options.rs`. The values of the file become the defaults of the command line's
//! options, so that clap's own value parsers check them, and the environment and the command line override them.

use std::any::TypeId;
use std::error::Error as _;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::Path;

use clap::builder::Resettable;
use clap::{Arg, ArgAction, Command};
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::values::Principals;

/// Options that a configuration file cannot have.
const NOT_IN_FILES: [&str; 1] = ["config"];

/// What is wrong with a file, and where.
struct Flaw {
    at: Range<usize>,
    text: String,
}

/// Returns the command with the values of the file as defaults. The error names the file, the line and the key.
pub(super) fn with_defaults_of(command: Command, file: &Path) -> Result<Command, String> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {shown}: {error}"))?;
    parsed(command, &text).map_err(|Flaw { at, text: flaw }| {
        let line = 1 + text.as_bytes().iter().take(at.start).filter(|byte| **byte == b'\n').count();
        format!("{shown}:{line}: {flaw}")
    })
}

fn parsed(command: Command, text: &str) -> Result<Command, Flaw> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().unwrap_or_default();
        // Some messages of the parser have several lines.
        Flaw { at, text: error.message().trim_end().replace('\n', ": ") }
    })?;
    // In the order of the file, so that the error is about the first flaw.
    let mut entries: Vec<_> = table.get_ref().iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let mut defaults = Vec::new();
    for (key, value) in entries {
        let option = command.get_arguments().find(|option| is_key(option, key.get_ref()));
        let Some(option) = option else {
            return Err(Flaw { at: key.span(), text: unknown(&command, key.get_ref()) });
        };
        let about = |Flaw { at, text }| Flaw { at, text: format!("{}: {text}", key.get_ref()) };
        let values = values(option, value).map_err(about)?;
        defaults.push((option.get_id().clone(), values));
    }
    let with_default =
        |command: Command, (id, values)| command.mut_arg(id, |option: Arg| option.default_values(values));
    Ok(defaults.into_iter().fold(command, with_default))
}

fn is_key(option: &Arg, key: &str) -> bool {
    option.get_long() == Some(key) && !NOT_IN_FILES.contains(&key)
}

fn unknown(command: &Command, key: &str) -> String {
    if key.contains('_') && command.get_arguments().any(|option| is_key(option, &key.replace('_', "-"))) {
        return format!("unknown key {key:?}; write {:?}", key.replace('_', "-"));
    }
    let known = command.get_arguments().filter_map(Arg::get_long).filter(|name| !NOT_IN_FILES.contains(name));
    format!("unknown key {key:?}; the keys are {}", known.collect::<Vec<_>>().join(", "))
}

/// Returns the texts of a value, as the command line would have them, after the option's own parser has accepted each.
fn values(option: &Arg, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, Flaw> {
    let is_list = matches!(option.get_action(), ArgAction::Append);
    let elements = match value.get_ref() {
        DeValue::Array(elements) if is_list => elements.iter().collect(),
        _ => vec![value],
    };
    let checked = |element: &Spanned<DeValue<'_>>| {
        let flaw = |text| Flaw { at: element.span(), text };
        let text = text(option, element)?;
        check(option, &text).map_err(flaw)?;
        Ok(text)
    };
    elements.into_iter().map(checked).collect()
}

/// Returns a value as the command line would have it, if it has the type that the option needs.
fn text(option: &Arg, value: &Spanned<DeValue<'_>>) -> Result<String, Flaw> {
    let needed = Type::of(option);
    let converted = match (needed, value.get_ref()) {
        (Type::Boolean, DeValue::Boolean(is)) => Some(is.to_string()),
        (Type::Integer, DeValue::Integer(number)) => Some(digits(number)),
        // For example a size with its unit. A number in quotes is refused.
        (Type::Integer, DeValue::String(text)) if text.trim().parse::<i128>().is_err() => Some(text.to_string()),
        (Type::Text | Type::Principals, DeValue::String(text)) => Some(text.to_string()),
        // TOML has timestamps without quotes.
        (Type::Text, DeValue::Datetime(instant)) => Some(instant.to_string()),
        (Type::Principals, DeValue::Table(members)) => return principal(members, value.span()),
        _ => None,
    };
    converted.ok_or_else(|| {
        let expected = match needed {
            Type::Boolean => "a boolean",
            Type::Integer => "an integer",
            Type::Text => "a string",
            Type::Principals => "a string or a table",
        };
        let or_a_list = if matches!(option.get_action(), ArgAction::Append) { ", or a list of these" } else { "" };
        let found = value.get_ref().type_str();
        Flaw { at: value.span(), text: format!("expected {expected}{or_a_list}, but found the type {found}") }
    })
}

/// The type that the value of an option needs in TOML.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Boolean,
    Integer,
    Principals,
    Text,
}

impl Type {
    fn of(option: &Arg) -> Self {
        let value = option.get_value_parser().type_id();
        let integers = [
            TypeId::of::<u8>(),
            TypeId::of::<u16>(),
            TypeId::of::<u32>(),
            TypeId::of::<u64>(),
            TypeId::of::<usize>(),
            TypeId::of::<NonZeroUsize>(),
            TypeId::of::<i64>(),
        ];
        if value == TypeId::of::<bool>() {
            Type::Boolean
        } else if value == TypeId::of::<Principals>() {
            Type::Principals
        } else if integers.iter().any(|integer| value == *integer) {
            Type::Integer
        } else {
            Type::Text
        }
    }
}

/// Returns an integer in decimal digits. TOML also has hexadecimal, octal and binary numbers.
fn digits(number: &DeInteger<'_>) -> String {
    let value = i128::from_str_radix(number.as_str(), number.radix());
    value.map_or_else(|_| number.as_str().to_owned(), |value| value.to_string())
}

/// Returns the text of a principal that is written as a table.
fn principal(members: &DeTable<'_>, table: Range<usize>) -> Result<String, Flaw> {
    const NAMES: [&str; 3] = ["access-key", "secret", "arn"];
    if let Some((key, _)) = members.iter().find(|(key, _)| !NAMES.contains(&key.get_ref().as_ref())) {
        let text = format!("unknown key {:?} of a principal; its keys are {}", key.get_ref(), NAMES.join(", "));
        return Err(Flaw { at: key.span(), text });
    }
    let mut texts = Vec::new();
    for name in NAMES {
        let member = members.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value);
        let Some(member) = member else {
            return Err(Flaw { at: table, text: format!("the principal has no {name:?}") });
        };
        match member.get_ref() {
            DeValue::String(text) => texts.push(text.as_ref()),
            other => {
                let text = format!("{name}: expected a string, but found the type {}", other.type_str());
                return Err(Flaw { at: member.span(), text });
            }
        }
    }
    Ok(texts.join(":"))
}

/// Lets the option's own parser check a value.
fn check(option: &Arg, text: &str) -> Result<(), String> {
    if option.get_num_args().is_some_and(|count| !count.takes_values()) {
        // A flag without a value: the file has a boolean, which is always valid.
        return Ok(());
    }
    let name = option.get_long().unwrap_or_default().to_owned();
    let only = option.clone().env(Resettable::Reset).default_value(Resettable::Reset);
    let arguments = ["glacier-mock".to_owned(), format!("--{name}={text}")];
    let result = Command::new("glacier-mock").arg(only).try_get_matches_from(arguments);
    result.map(drop).map_err(|error| {
        let reason = error.source().map_or_else(|| "a value is missing".to_owned(), ToString::to_string);
        format!("invalid value {text:?}: {reason}")
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::program::options::command;

    /// Reads a file, and returns the value of an option as it was written in the file or on the command line.
    fn read(text: &str, arguments: &[&str], option: &str) -> Result<Vec<OsString>, String> {
        let command = command().mut_args(|option| option.env(Resettable::Reset));
        let command = parsed(command, text).map_err(|flaw| {
            let line = 1 + text[..flaw.at.start].matches('\n').count();
            format!("{line}: {}", flaw.text)
        })?;
        let given = command.try_get_matches_from([&["glacier-mock"], arguments].concat()).map_err(|e| e.to_string())?;
        Ok(given.get_raw(option).unwrap_or_default().map(ToOwned::to_owned).collect())
    }

    /// Every value of this file differs from its default. An option that is missing here fails the test.
    #[test]
    fn every_option_is_a_key() {
        const ALL: &str = include_str!("every_option.toml");
        let table = DeTable::parse(ALL).unwrap();
        for option in command().get_arguments().filter(|option| option.get_id() != "config") {
            let name = option.get_long().unwrap();
            let is_default = |values: &Vec<OsString>| {
                option
                    .get_default_values()
                    .iter()
                    .map(|value| value.as_os_str())
                    .eq(values.iter().map(|v| v.as_os_str()))
            };
            assert!(table.get_ref().contains_key(name), "every_option.toml has no {name}");
            let values = read(ALL, &[], option.get_id().as_str()).unwrap();
            assert!(!values.is_empty() && !is_default(&values), "{name}: {values:?}");
        }
    }

    const GUIDE: &str = include_str!("../../docs/guide/program.md");

    #[test]
    fn the_guide_lists_every_option() {
        for option in command().get_arguments() {
            let (name, variable) = (option.get_long().unwrap(), option.get_env().unwrap().to_str().unwrap());
            let default: Vec<_> = option.get_default_values().iter().map(|value| value.to_str().unwrap()).collect();
            let default = match (default.as_slice(), name) {
                ([default], _) => format!("`{default}`"),
                ([], "clock") => "`wall`".into(),
                ([], "jobs") => "`instant`".into(),
                ([], "inventory") => "`live`".into(),
                ([], "verify-signatures") => "`false`".into(),
                ([], "seed") => "random".into(),
                _ => String::new(),
            };
            let row = format!("| `--{name}` | `{variable}` | {default} | ").replace("  ", " ");
            assert!(GUIDE.contains(&row), "{row}");
        }
    }

    #[test]
    fn the_example_of_the_guide_is_valid() {
        let example = GUIDE.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
        assert_eq!(read(example, &[], "jobs"), Ok(vec!["5s".into()]));
    }

    #[test]
    fn the_command_line_overrides_the_file() {
        let file = "port = 1\nrealistic = true\nallow-host = [\"a\", \"b\"]\n";
        assert_eq!(read(file, &[], "port"), Ok(vec!["1".into()]));
        assert_eq!(read(file, &["--port", "2"], "port"), Ok(vec!["2".into()]));
        assert_eq!(read(file, &[], "realistic"), Ok(vec!["true".into()]));
        assert_eq!(read(file, &["--realistic=false"], "realistic"), Ok(vec!["false".into()]));
        assert_eq!(read(file, &[], "allow_host"), Ok(vec!["a".into(), "b".into()]));
        assert_eq!(read(file, &["--allow-host", "c"], "allow_host"), Ok(vec!["c".into()]));
    }

    #[test]
    fn a_value_may_be_written_as_toml_permits() {
        assert_eq!(read("port = 0x1F_00", &[], "port"), Ok(vec!["7936".into()]));
        assert_eq!(read("clock = 2026-01-31T00:00:00Z", &[], "clock"), Ok(vec!["2026-01-31T00:00:00Z".into()]));
        assert_eq!(read("allow-host = 'one'", &[], "allow_host"), Ok(vec!["one".into()]));
        assert_eq!(read("allow-host = []", &[], "allow_host"), Ok(vec![]));
        let text = "AKIAANNA:s:arn:aws:iam::111122223333:user/anna";
        let tables = "[[principal]]\naccess-key = 'AKIAANNA'\nsecret = 's'\n\
                      arn = 'arn:aws:iam::111122223333:user/anna'";
        for file in [&format!("principal = '{text}'"), &format!("principal = ['{text}']"), tables] {
            assert_eq!(read(file, &[], "principal"), Ok(vec![text.into()]), "{file}");
        }
    }

    #[test]
    fn a_flaw_is_reported_with_its_line_and_its_key() {
        let cases = [
            ("# a comment\nport = 4566\nprot = 1", "3: unknown key \"prot\"; the keys are host, port, "),
            ("config = 'other.toml'", "1: unknown key \"config\"; "),
            ("version = 1", "1: unknown key \"version\"; "),
            ("expedited_is_short = true", "1: unknown key \"expedited_is_short\"; write \"expedited-is-short\""),
            ("\nport = '4566'", "2: port: expected an integer, but found the type string"),
            ("port = 70000", "1: port: invalid value \"70000\": 70000 is not in 0..=65535"),
            ("port = -1", "1: port: invalid value \"-1\": -1 is not in 0..=65535"),
            ("seed = 'soon'", "1: seed: invalid value \"soon\": invalid digit found in string"),
            ("port = [1]", "1: port: expected an integer, but found the type array"),
            ("realistic = 'true'", "1: realistic: expected a boolean, but found the type string"),
            ("account = 111122223333", "1: account: expected a string, but found the type integer"),
            ("account = '42'", "1: account: invalid value \"42\": an AWS account number has exactly 12 digits"),
            ("jobs = ''", "1: jobs: invalid value \"\": "),
            ("allow-host = ['a',\n 'b:1']", "2: allow-host: invalid value \"b:1\": expected the name of a host"),
            (
                "allow-host = ['a',\n 1]",
                "2: allow-host: expected a string, or a list of these, but found the type integer",
            ),
            ("principal = 'anna'", "1: principal: invalid value \"anna\": expected an access key, its secret"),
            ("[principal]\nkey = 'a'", "2: principal: unknown key \"key\" of a principal; its keys are access-key, "),
            ("[[principal]]\nsecret = 'a'", "1: principal: the principal has no \"access-key\""),
            (
                "[[principal]]\naccess-key = 1",
                "2: principal: access-key: expected a string, but found the type integer",
            ),
            ("port = ", "1: "),
            ("port = 1\nport = 2", "2: duplicate key"),
        ];
        for (file, expected) in cases {
            let message = read(file, &[], "port").unwrap_err();
            assert!(message.starts_with(expected), "{file:?}: {message:?}, not {expected:?}");
            assert!(!message.contains('\n'), "{message:?}");
        }
    }
}
