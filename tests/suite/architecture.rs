//! Checks the structure that ARCHITECTURE.md describes (docs/design.md section 4): imports between rooms point one way,
//! and other rooms use only the names that a room re-exports.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may import. Names that the root of the crate re-exports are not checked.
const ROOMS: &[(&str, &[&str])] = &[
    ("sync", &[]),
    ("text", &[]),
    ("policy", &["text"]),
    ("domain", &["policy", "text", "sync"]),
    ("time", &["domain", "sync"]),
    ("service", &["time", "domain", "policy", "sync"]),
    ("saved", &["service", "time", "domain", "sync"]),
    ("wire", &["service", "domain", "policy", "text"]),
    ("record", &["wire", "domain", "text", "sync"]),
    ("fault", &["record", "domain", "sync"]),
    ("mock", &["saved", "fault", "record", "wire", "service", "time", "domain", "sync"]),
    ("server", &["mock", "fault", "record", "wire", "service", "time", "domain", "sync"]),
    ("verify", &["record", "domain"]),
    (
        "control",
        &["verify", "server", "mock", "fault", "record", "saved", "service", "time", "domain", "policy", "sync"],
    ),
    ("control_api", &["control", "verify", "server", "mock", "fault", "record", "wire", "service", "domain", "sync"]),
    ("publish", &["control", "server", "mock", "record", "wire", "service", "domain", "text", "sync"]),
    (
        "fixture",
        &[
            "control_api",
            "publish",
            "control",
            "verify",
            "server",
            "mock",
            "fault",
            "record",
            "wire",
            "service",
            "time",
            "domain",
            "sync",
        ],
    ),
    ("sweep", &["fixture", "control", "verify", "record", "domain", "sync"]),
    ("sts", &["mock", "wire", "domain"]),
    (
        "program",
        &["sts", "control_api", "fixture", "publish", "control", "server", "mock", "service", "time", "domain"],
    ),
    // Only in test builds and in builds for fuzzing.
    ("fuzzing", &["fixture", "policy", "saved", "time", "wire", "domain"]),
    // Documentation only.
    ("guide", &[]),
    // The binary is a separate crate, which uses only public names.
    ("bin", &[]),
];

/// The rooms of the domain, and which of them each may import.
const DOMAIN: &[(&str, &[&str])] = &[
    ("words", &[]),
    ("bytes", &["words"]),
    ("failure", &["words"]),
    ("account", &["words", "bytes", "failure"]),
    ("vault", &["words", "bytes", "failure", "account"]),
];

/// Rooms whose files only the room itself may name. All others go through the names that its `mod.rs` re-exports.
const DOORS: &[&str] = &[
    "control",
    "control_api",
    "domain/account",
    "domain/bytes",
    "domain/failure",
    "domain/vault",
    "domain/words",
    "fault",
    "fixture",
    "fuzzing",
    "policy",
    "program",
    "publish",
    "record",
    "saved",
    "server",
    "service",
    "sts",
    "sweep",
    "sync",
    "text",
    "time",
    "verify",
    "wire",
];

/// What `domain`, `policy` and `text` must not use: async code, HTTP, sockets, the wall clock, randomness, logging.
/// `core::net` has the type of an IP address that is only data.
const IMPURE: &[&str] = &[
    "tokio",
    "hyper",
    "axum",
    "http",
    "tracing",
    "fastrand",
    "std::net",
    "SystemTime::now",
    "Instant::now",
    "async fn",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Returns the room of a file. A file beside `lib.rs` is a room too.
fn room_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(source_folder()).unwrap();
    let room = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    (room != "lib.rs").then(|| room.trim_end_matches(".rs").to_owned())
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Returns the first segment of each path that begins with `crate::`.
fn imports(text: &str) -> Vec<String> {
    let behind = text.split("crate::").skip(1);
    behind.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()).collect()
}

/// Each arrow that a file draws: the file, its room, and the room that it imports.
fn arrows() -> Vec<(PathBuf, String, String)> {
    let mut arrows = Vec::new();
    for path in sources(&source_folder()) {
        let Some(room) = room_of(&path) else { continue };
        let imported = imports(&code_of(&path)).into_iter().filter(|import| *import != room);
        let rooms = imported.filter(|import| ROOMS.iter().any(|(name, _)| name == import));
        arrows.extend(rooms.map(|import| (path.clone(), room.clone(), import)));
    }
    arrows
}

fn allowed(room: &str) -> &'static [&'static str] {
    let found = ROOMS.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
    found.unwrap_or_else(|| panic!("{room} is a new room: add it to this test, with its arrows"))
}

#[test]
fn arrows_between_rooms_point_one_way() {
    let wrong = arrows().into_iter().filter(|(_, room, import)| !allowed(room).contains(&import.as_str()));
    let wrong: Vec<_> = wrong.map(|(path, room, import)| format!("{}: {room} -> {import}", path.display())).collect();
    assert!(wrong.is_empty(), "these arrows point back:\n{}", wrong.join("\n"));
}

#[test]
fn every_arrow_that_is_allowed_is_used() {
    let used: HashSet<_> = arrows().into_iter().map(|(_, room, import)| (room, import)).collect();
    let is_used = |room: &str, import: &str| used.contains(&(room.to_owned(), import.to_owned()));
    let allowed = ROOMS.iter().flat_map(|(room, imports)| imports.iter().map(move |import| (*room, *import)));
    let unused: Vec<_> = allowed.filter(|(room, import)| !is_used(room, import)).collect();
    assert!(unused.is_empty(), "remove these arrows from the table: {unused:?}");
}

#[test]
fn arrows_between_rooms_of_the_domain_point_one_way() {
    let mut wrong = Vec::new();
    for (room, allowed) in DOMAIN {
        for path in sources(&source_folder().join("domain").join(room)) {
            for import in code_of(&path).split("crate::domain::").skip(1) {
                let import: String = import.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if import != *room && !allowed.contains(&import.as_str()) {
                    wrong.push(format!("{}: {room} -> {import}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these arrows point back:\n{}", wrong.join("\n"));
}

/// The compiler rejects a path into a private module, so it is enough to check that `mod.rs` declares no other module.
#[test]
fn rooms_with_doors_have_private_files() {
    for room in DOORS {
        let face = code_of(&source_folder().join(room).join("mod.rs"));
        let open: Vec<_> = face.lines().filter(|line| line.contains("pub") && line.contains(" mod ")).collect();
        assert!(open.is_empty(), "src/{room}/mod.rs declares modules that are not private: {open:?}");
    }
}

/// The rows of the table, as `(room, what it may import)`.
#[test]
fn architecture_md_lists_the_rooms_and_their_arrows() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `src/"));
    let listed: Vec<_> = rows
        .map(|row| {
            let (room, row) = row.split_once('`').unwrap();
            let room = room.trim_end_matches(".rs");
            let imports = row.trim_end_matches(" |").rsplit("| ").next().unwrap();
            let imports = imports.split(", ").filter(|import| *import != "nothing").collect();
            (room, imports)
        })
        .collect();
    let checked: Vec<_> = ROOMS.iter().map(|(room, imports)| (*room, imports.to_vec())).collect();
    assert_eq!(listed, checked);
}

/// Returns the code of a file without its comments, which may name any room.
fn code_of(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// A name that the root of the crate re-exports would hide from the other tests which room it belongs to.
#[test]
fn rooms_import_from_rooms_and_not_from_the_root() {
    let is_inside = |path: &Path| !path.ends_with("lib.rs") && !path.starts_with(source_folder().join("bin"));
    for path in sources(&source_folder()).iter().filter(|path| is_inside(path) && !is_of_tests(path)) {
        let code = code_of(path);
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for (n, line) in code.lines().enumerate() {
            let names = imports(line).into_iter().chain(line.contains("use crate::{").then(String::new));
            let of_root: Vec<_> = names.filter(|name| !name.starts_with(|c: char| c.is_ascii_lowercase())).collect();
            assert!(of_root.is_empty(), "{}: line {n} without comments: {}", path.display(), line.trim());
        }
    }
}

/// Returns whether a file contains only tests.
fn is_of_tests(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
}

#[test]
fn the_domain_is_pure() {
    for path in ["domain", "policy", "text"].into_iter().flat_map(|room| sources(&source_folder().join(room))) {
        let code = code_of(&path);
        for impure in IMPURE {
            let used = code.match_indices(impure).any(|(at, _)| {
                let before = code[..at].chars().next_back();
                // In a URL such as `http://`, the name is not that of a crate.
                let is_address = code[at + impure.len()..].starts_with("://");
                !is_address && before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '/')
            });
            assert!(!used, "{} uses {impure}", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_readable() {
    for path in sources(&source_folder()) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "the first line of {} does not say what it is for", path.display());
        let lines = text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines; the limit is 400", path.display());
    }
}

/// Returns the place of each `cfg` of `src` that depends on the platform: the file, and the item or the function.
fn platform_cfgs() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut places = Vec::new();
    for path in sources(&source_folder()) {
        let text = fs::read_to_string(&path).unwrap();
        let file = path.strip_prefix(root).unwrap().components();
        let file = file.map(|part| part.as_os_str().to_str().unwrap()).collect::<Vec<_>>().join("/");
        places.extend(platform_cfgs_of(&text).into_iter().map(|item| format!("{file}: {item}")));
    }
    places
}

fn platform_cfgs_of(text: &str) -> Vec<String> {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let places = (0..lines.len()).filter(|at| depends_on_the_platform(lines[*at])).map(|at| {
        // An attribute may be that of an item. All others are inside a function.
        let next = lines[at..].iter().find(|line| !line.starts_with("#[") && !line.starts_with("//"));
        let of_item = next.filter(|_| lines[at].starts_with("#[")).and_then(|line| item(line));
        of_item.or_else(|| lines[..at].iter().rev().find_map(|line| function(line)))
    });
    places.map(|item| item.unwrap_or_else(|| "the file".into())).collect()
}

/// Returns whether a line has a predicate about the platform. A long list of predicates has a line for each.
fn depends_on_the_platform(line: &str) -> bool {
    let is_predicate = |text: &str| ["unix", "windows", "target_"].iter().any(|platform| text.contains(platform));
    let mut cfgs = line.split("cfg").skip(1).filter(|rest| rest.starts_with(['(', '!', '_']));
    let is_alone = line.starts_with("target_") || ["unix", "windows"].contains(&line.trim_end_matches(','));
    !line.starts_with("//") && (is_alone || cfgs.any(is_predicate))
}

/// The name of the item that a line begins, if it begins one.
fn item(line: &str) -> Option<String> {
    let line = line.trim_start_matches("pub(super) ").trim_start_matches("pub(crate) ").trim_start_matches("pub ");
    if line.starts_with("use ") {
        return Some("imports".into());
    }
    let named = ["struct ", "enum ", "impl ", "mod ", "const ", "static ", "type "];
    let name = named.iter().find_map(|word| line.strip_prefix(word)).map(identifier);
    name.or_else(|| function(line))
}

/// The name of the function that a line begins, if it begins one.
fn function(line: &str) -> Option<String> {
    let (before, rest) = line.split_once("fn ")?;
    let is_start = before.split_whitespace().all(|word| word.starts_with("pub") || ["async", "const"].contains(&word));
    (is_start && rest.contains(['(', '<'])).then(|| identifier(rest))
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// What depends on the platform cannot be tested on one machine, so a page says what each platform gets.
#[test]
fn architecture_md_lists_what_depends_on_the_platform() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let section = page.split("\n## Platforms\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let places = cells.filter_map(|(place, _)| place.split_once("` in `"));
    let listed: HashSet<_> = places.map(|(item, file)| format!("{file}: {item}")).collect();
    let in_code: HashSet<_> = platform_cfgs().into_iter().collect();
    let missing: Vec<_> = in_code.difference(&listed).collect();
    assert!(missing.is_empty(), "add rows to the section \"Platforms\" of ARCHITECTURE.md for {missing:?}");
    let gone: Vec<_> = listed.difference(&in_code).collect();
    assert!(gone.is_empty(), "remove these rows from the section \"Platforms\" of ARCHITECTURE.md: {gone:?}");
}

#[test]
fn platform_cfgs_are_found_with_their_place() {
    let code = "#[cfg(unix)]\nuse a;\n// cfg(unix)\n#[cfg(feature = \"x\")]\nfn other() {}\n\
                #[cfg(not(windows))]\n#[test]\npub(super) fn b(c: u8) {\n    #[cfg(unix)]\n    let d = 1;\n}\n\
                impl E {\n    async fn f() {\n        if cfg!(target_os = \"linux\") {}\n    }\n}\n\
                #[cfg_attr(windows, expect(dead_code))]\nstruct G;\n\
                fn h() {\n    if cfg!(any(\n        target_os = \"macos\",\n        unix,\n    )) {}\n}\n";
    assert_eq!(platform_cfgs_of(code), ["imports", "b", "b", "f", "G", "h", "h"]);
}
