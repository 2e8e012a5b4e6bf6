//! The shape of the house (ARCHITECTURE.md, docs/design.md section 4): arrows between rooms point one way.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room, and the rooms it may import. `crate::` alone is used by no room.
const ROOMS: &[(&str, &[&str])] = &[
    ("sync", &[]),
    ("text", &[]),
    ("policy", &["text"]),
    ("domain", &["policy", "text", "sync"]),
    ("time", &["domain", "sync"]),
    ("service", &["time", "domain", "policy", "sync"]),
    ("wire", &["service", "domain", "policy", "text"]),
    ("record", &["wire", "domain", "text", "sync"]),
    ("fault", &["record", "wire", "domain", "sync"]),
    ("mock", &["fault", "record", "wire", "service", "time", "domain", "sync"]),
    ("server", &["mock", "fault", "record", "wire", "service", "time", "domain", "sync"]),
    ("verify", &["record", "wire", "domain"]),
    (
        "control",
        &["verify", "server", "mock", "fault", "record", "wire", "service", "time", "domain", "policy", "text", "sync"],
    ),
    (
        "fixture",
        &[
            "control", "verify", "server", "mock", "fault", "record", "wire", "service", "time", "domain", "policy",
            "sync",
        ],
    ),
    ("sweep", &["fixture", "control", "verify", "record", "domain", "sync"]),
    ("admin", &["fixture", "control", "server", "service", "time", "domain"]),
    // Documentation only.
    ("guide", &[]),
    // A program is outside of the crate: it sees what users see.
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
    "admin",
    "control",
    "domain/account",
    "domain/bytes",
    "domain/failure",
    "domain/vault",
    "domain/words",
    "fault",
    "fixture",
    "policy",
    "record",
    "server",
    "service",
    "sweep",
    "sync",
    "text",
    "time",
    "verify",
    "wire",
];

/// What `domain`, `policy` and `text` must not know of: async, HTTP, sockets, the wall's clock, chance, logs. An IP address that
/// is only data is to be had from `core::net`.
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

/// A file beside `lib.rs` is a room, too.
fn room_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(source_folder()).unwrap();
    let room = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    (room != "lib.rs").then(|| room.trim_end_matches(".rs").to_owned())
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The rooms that a file names behind `crate::`, wherever it does so.
fn imports(text: &str) -> Vec<String> {
    let behind = text.split("crate::").skip(1);
    behind.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()).collect()
}

#[test]
fn arrows_between_rooms_point_one_way() {
    let mut wrong = Vec::new();
    for path in sources(&source_folder()) {
        let Some(room) = room_of(&path) else { continue };
        let allowed = ROOMS.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
        let allowed = allowed.unwrap_or_else(|| panic!("{room} is a new room: add it to this test, with its arrows"));
        let code = code_of(&path);
        for import in imports(&code) {
            let is_room = ROOMS.iter().any(|(name, _)| *name == import);
            if is_room && import != room && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{}: {room} -> {import}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "these arrows point back:\n{}", wrong.join("\n"));
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

/// The compiler refuses a path to a file of a private module. So it is enough that no module is more than private.
#[test]
fn rooms_with_doors_have_private_files() {
    for room in DOORS {
        let face = code_of(&source_folder().join(room).join("mod.rs"));
        let open: Vec<_> = face.lines().filter(|line| line.contains("pub") && line.contains(" mod ")).collect();
        assert!(open.is_empty(), "the door of {room} is open: {open:?}");
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

/// Without the doc comments: those may name anything.
fn code_of(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_domain_is_pure() {
    for path in ["domain", "policy", "text"].into_iter().flat_map(|room| sources(&source_folder().join(room))) {
        let code = code_of(&path);
        for impure in IMPURE {
            let used = code.match_indices(impure).any(|(at, _)| {
                let before = code[..at].chars().next_back();
                // An address in a text is no crate.
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
        assert!(lines <= 400, "{} has {lines} lines: more than one idea?", path.display());
    }
}
