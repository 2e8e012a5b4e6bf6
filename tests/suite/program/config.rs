//! The configuration file of the program, and the order in which options take effect.

use std::path::PathBuf;

use super::{Program, command, run, stderr_of};

/// A file in a folder that is removed at the end.
pub(super) struct Written {
    _folder: tempfile::TempDir,
    pub(super) path: PathBuf,
}

impl Written {
    pub(super) fn new(name: &str, text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Written { _folder: folder, path }
    }

    pub(super) fn name(&self) -> &str {
        self.path.to_str().unwrap()
    }
}

/// The account of the program, which the location of a new vault contains.
fn account(program: &Program) -> String {
    let created = program.send("PUT", "/-/vaults/v", "");
    let location = created.lines().find_map(|line| line.strip_prefix("location: /")).unwrap();
    location.split('/').next().unwrap().to_owned()
}

#[test]
fn the_command_line_overrides_the_environment_which_overrides_the_file() {
    let file = Written::new("options.toml", "port = 0\naccount = \"111111111111\"\n");
    let by_file = || {
        let mut command = command(&["--config", file.name()]);
        command.env("GLACIER_MOCK_LOG", "off");
        command
    };
    assert_eq!(account(&Program::of(by_file())), "111111111111");
    let mut by_environment = by_file();
    by_environment.env("GLACIER_MOCK_ACCOUNT", "222222222222");
    assert_eq!(account(&Program::of(by_environment)), "222222222222");
    let mut by_all = by_file();
    by_all.env("GLACIER_MOCK_ACCOUNT", "222222222222").args(["--account", "333333333333"]);
    assert_eq!(account(&Program::of(by_all)), "333333333333");
}

/// An empty variable counts as missing, so the file applies.
#[test]
fn a_variable_names_the_file() {
    let file = Written::new("options.toml", "port = 0\naccount = \"111111111111\"\n");
    let mut command = command(&[]);
    command.env("GLACIER_MOCK_CONFIG", &file.path).env("GLACIER_MOCK_ACCOUNT", "");
    assert_eq!(account(&Program::of(command)), "111111111111");
}

#[test]
fn realistic_in_the_file_can_be_overridden_in_the_file_and_outside() {
    let file = Written::new("options.toml", "port = 0\nrealistic = true\n");
    let refuses = |program: &Program| program.get("/-/vaults").contains("MissingAuthenticationTokenException");
    assert!(refuses(&Program::of(command(&["--config", file.name()]))));
    for other in ["--verify-signatures=false", "--realistic=false"] {
        assert!(!refuses(&Program::of(command(&["--config", file.name(), other]))), "{other}");
    }
    let both = Written::new("options.toml", "port = 0\nverify-signatures = false\nrealistic = true\n");
    assert!(!refuses(&Program::of(command(&["--config", both.name()]))));
}

/// The principals of the file are known: they sign for their own account.
#[test]
fn principals_are_tables_or_texts() {
    let text = "port = 0\n[[principal]]\naccess-key = \"AKIAANNA\"\nsecret = \"s\"\n\
                arn = \"arn:aws:iam::111122223333:user/anna\"\n";
    let texts = "port = 0\nprincipal = [\"AKIAANNA:s:arn:aws:iam::111122223333:user/anna\"]\n";
    for text in [text, texts] {
        let file = Written::new("options.toml", text);
        let program = Program::of(command(&["--config", file.name()]));
        let signed = "Authorization: AWS4-HMAC-SHA256 Credential=AKIAANNA/20260131/us-east-1/glacier/aws4_request\r\n";
        let created = program.send_with("PUT", "/-/vaults/v", signed, "");
        assert!(created.contains("location: /111122223333/vaults/v"), "{created}");
    }
}

#[test]
fn a_flaw_of_the_file_exits_with_status_2_and_its_place() {
    let cases = [
        ("port = 0\nprot = 1\n", ":2: unknown key \"prot\"; the keys are host, port, "),
        ("port = 0\nrealistic = 1\n", ":2: realistic: expected a boolean, but found the type integer"),
        ("port = 70000\n", ":1: port: invalid value \"70000\": 70000 is not in 0..=65535"),
        ("port = \n", ":1: "),
    ];
    for (text, expected) in cases {
        let file = Written::new("options.toml", text);
        let output = run(command(&["--config", file.name()]));
        assert_eq!(output.status.code(), Some(2), "{text}");
        let expected = format!("glacier-mock: {}{expected}", file.name());
        let text = stderr_of(&output);
        assert!(text.starts_with(&expected) && text.ends_with('\n'), "{text:?}, not {expected}");
        assert!(output.stdout.is_empty());
    }
    let output = run(command(&["--config", "/nowhere/options.toml"]));
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr_of(&output).starts_with("glacier-mock: cannot read /nowhere/options.toml: "),
        "{}",
        stderr_of(&output)
    );
}
