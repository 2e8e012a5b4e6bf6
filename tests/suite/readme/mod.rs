//! Runs the tests of the README in a crate that consists only of what the README shows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::new_crate::NewCrate;

const README: &str = include_str!("../../../README.md");

/// The functions that the README's tests call and that stand for the reader's code, in a module for each test.
const YOUR_CODE: &str = include_str!("your_code.rs");

/// The code blocks of the README in this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    README.split(&opening).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

/// The name of the test in a block, if the block contains a whole test.
fn test_name(block: &str) -> Option<&str> {
    let (_, test) = block.split_once("#[tokio::test").or_else(|| block.split_once("#[test]"))?;
    Some(test.split_once("fn ")?.1.split_once('(')?.0)
}

#[test]
fn the_tests_of_the_readme_pass_in_a_crate_with_its_manifest() {
    let tests: Vec<_> = blocks("rust").into_iter().filter_map(|block| Some((test_name(block)?, block))).collect();
    assert!(tests.len() > 10, "{}", tests.len());
    let manifest = blocks("toml").into_iter().find(|block| block.contains("glacier-mock")).unwrap();
    // Each test uses only its own module of this file, so some functions appear unused.
    let mut main = "#[allow(dead_code)]\nmod your_code;\n".to_owned();
    let mut new = NewCrate::new("readme", manifest).file("tests/readme/your_code.rs", YOUR_CODE);
    for (name, block) in &tests {
        let has_your_code = YOUR_CODE.contains(&format!("pub mod {name} {{"));
        let your_code = if has_your_code { format!("use crate::your_code::{name}::*;\n\n") } else { String::new() };
        new = new.file(&format!("tests/readme/{name}.rs"), &format!("{your_code}{block}\n"));
        main += &format!("mod {name};\n");
    }

    let output = new.file("tests/readme/main.rs", &main).cargo(&["test", "--test", "readme"]);

    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(!stderr.contains("\nwarning: "), "{stderr}");
    for (name, _) in tests {
        assert!(stdout.contains(&format!("test {name}::{name} ... ok")), "{name} did not run:\n{stdout}");
    }
}

#[test]
fn parts_of_tests_in_the_readme_are_parts_of_examples() {
    let code = |text: &str| text.split_whitespace().collect::<String>();
    let examples = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap();
    let examples: String =
        examples.map(|example| code(&fs::read_to_string(example.unwrap().path()).unwrap())).collect();
    let parts: Vec<_> = blocks("rust").into_iter().filter(|block| test_name(block).is_none()).collect();
    assert!(!parts.is_empty());
    for part in parts {
        assert!(examples.contains(&code(part)), "this is in no example:\n{part}");
    }
}

/// A definition of the same name in an example or in the code that stands for the reader's would hide that the README
/// uses the crate wrongly.
#[test]
fn nothing_around_the_readme_defines_a_name_that_the_crate_exports() {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
    };
    let exports =
        include_str!("../../../src/lib.rs").split("pub use ").skip(1).map(|rest| rest.split(';').next().unwrap());
    // Lower-case words are modules.
    let exports: BTreeSet<_> = exports.flat_map(words).filter(|word| word.starts_with(char::is_uppercase)).collect();
    assert!(exports.contains("MIB") && exports.contains("GlacierMock"));
    let examples = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap();
    let examples = examples.map(|example| fs::read_to_string(example.unwrap().path()).unwrap());
    for text in examples.chain([YOUR_CODE.to_owned()]) {
        for pair in words(&text).windows(2) {
            let defines = ["const", "static", "fn", "struct", "enum", "type", "trait"].contains(&pair[0].as_str());
            assert!(!(defines && exports.contains(&pair[1])), "{} is exported by the crate:\n{text:.200}", pair[1]);
        }
    }
}
