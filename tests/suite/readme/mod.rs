//! Runs the tests of the README and of the guides in a crate that consists only of what they show.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::new_crate::NewCrate;

/// One block of Rust code on a page.
struct Block {
    page: PathBuf,
    code: String,
}

impl Block {
    /// The name of the test, if the block is a whole one.
    fn test_name(&self) -> Option<&str> {
        let (_, test) = self.code.split_once("#[tokio::test").or_else(|| self.code.split_once("#[test]"))?;
        Some(test.split_once("fn ")?.1.split_once('(')?.0)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README and every guide, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let guides = fs::read_dir(root().join("docs/guide")).unwrap().map(|entry| entry.unwrap().path());
    let pages = guides.chain([root().join("README.md")]);
    pages.map(|page| (page.clone(), fs::read_to_string(page).unwrap())).collect()
}

/// The blocks of code in this language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    text.split(&opening).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned()).collect()
}

fn rust_blocks() -> Vec<Block> {
    let of_page = |(page, text): (PathBuf, String)| {
        let codes = blocks(&text, "rust").into_iter();
        codes.map(move |code| Block { page: page.clone(), code }).collect::<Vec<_>>()
    };
    pages().into_iter().flat_map(of_page).collect()
}

#[test]
fn the_tests_of_the_readme_and_the_guides_pass_in_a_crate_with_the_readmes_manifest() {
    let blocks_of_all = rust_blocks();
    let tests: Vec<_> = blocks_of_all.iter().filter_map(|block| Some((block.test_name()?, block))).collect();
    let names: BTreeSet<_> = tests.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), tests.len(), "two tests on the pages have the same name: {names:?}");
    let of_readme = tests.iter().filter(|(_, block)| block.page.ends_with("README.md")).count();
    assert!(of_readme >= 3 && tests.len() > 20, "{of_readme} of {}", tests.len());
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let manifest = blocks(&readme, "toml").into_iter().find(|block| block.contains("glacier-mock")).unwrap();
    let mut main = String::new();
    let mut new = NewCrate::new("readme", &manifest);
    for (name, block) in &tests {
        new = new.file(&format!("tests/readme/{name}.rs"), &format!("{}\n", block.code));
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

/// A reader can paste each block. A block that is not a test carries an attribute, such as `no_run`, and is a doctest.
#[test]
fn every_rust_block_of_the_readme_and_the_guides_is_a_whole_test() {
    for block in rust_blocks() {
        assert!(block.test_name().is_some(), "{}: this is not a whole test:\n{}", block.page.display(), block.code);
    }
    for (page, text) in pages() {
        let cut = ["```rust,ignore", "```ignore", "```rust ignore"].iter().any(|opening| text.contains(opening));
        assert!(!cut, "{}: a block that rustdoc does not compile", page.display());
    }
}

/// What a page or an example defines must not hide that the crate exports something else.
#[test]
fn no_page_and_no_example_defines_a_name_that_the_crate_exports() {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
    };
    let exports =
        include_str!("../../../src/lib.rs").split("pub use ").skip(1).map(|rest| rest.split(';').next().unwrap());
    // Lower-case words are modules.
    let exports: BTreeSet<_> = exports.flat_map(words).filter(|word| word.starts_with(char::is_uppercase)).collect();
    assert!(exports.contains("MIB") && exports.contains("GlacierMock"));
    let examples = fs::read_dir(root().join("examples")).unwrap().map(|example| example.unwrap().path());
    // The folders have examples in other languages.
    let examples = examples.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap());
    for text in examples.chain(rust_blocks().into_iter().map(|block| block.code)) {
        for pair in words(&text).windows(2) {
            let defines = ["const", "static", "fn", "struct", "enum", "type", "trait"].contains(&pair[0].as_str());
            assert!(!(defines && exports.contains(&pair[1])), "{} is exported by the crate:\n{text:.200}", pair[1]);
        }
    }
}
