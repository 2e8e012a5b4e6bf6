//! What the program prints about itself: help, completions, the manual page.

use super::{command, run, stderr_of};

#[test]
fn completions_are_printed_for_each_shell() {
    for (shell, expected) in [
        ("bash", "complete -F _glacier__mock"),
        ("elvish", "edit:completion:arg-completer[glacier-mock]"),
        ("fish", "complete -c glacier-mock"),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName 'glacier-mock'"),
        ("zsh", "#compdef glacier-mock"),
    ] {
        let output = run(command(&["completions", shell]));
        assert_eq!((output.status.code(), stderr_of(&output).as_str()), (Some(0), ""), "{shell}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(expected) && text.contains("expedited-is-short"), "{shell}: {text}");
    }
    let output = run(command(&["completions", "dos"]));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_manual_page_has_every_heading_of_the_help() {
    let output = run(command(&["man"]));
    assert_eq!((output.status.code(), stderr_of(&output).as_str()), (Some(0), ""));
    let text = String::from_utf8(output.stdout).unwrap();
    for heading in
        ["NAME", "LISTENING", "SERVICE BEHAVIOUR", "ACCESS", "LIMITS", "LOG", "CONTROL API", "EXIT STATUS", "SEE ALSO"]
    {
        assert!(text.lines().any(|line| line.replace('"', "") == format!(".SH {heading}")), "{heading}: {text}");
    }
    assert!(text.contains("GLACIER_MOCK_PORT"), "{text}");
    let see = text.split(".SH \"SEE ALSO\"").nth(1).unwrap_or_default();
    assert!(see.replace("\\-", "-").contains("https://docs.rs/glacier-mock/"), "{text}");
}

/// Some of the variables contain secrets.
#[test]
fn the_help_does_not_show_the_values_of_variables() {
    for flag in ["--help", "-h"] {
        let mut command = command(&[flag]);
        command.env("GLACIER_MOCK_PRINCIPAL", "AKIAANNA:a-secret:arn:aws:iam::111122223333:user/anna");
        let output = run(command);
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("GLACIER_MOCK_PRINCIPAL") && !text.contains("a-secret"), "{text}");
        let last = text.lines().last().unwrap_or_default();
        assert!(last.starts_with("Guide: https://docs.rs/glacier-mock/"), "{text}");
    }
}

/// A file that is not needed is not read.
#[test]
fn a_document_is_printed_whatever_the_environment_configures() {
    let mut command = command(&["man"]);
    command.env("GLACIER_MOCK_CONFIG", "/nowhere/options.toml");
    assert_eq!(run(command).status.code(), Some(0));
}
