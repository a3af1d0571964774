//! Modules import in one direction: no circle in any crate, and in `hotline` no import upwards (ARCHITECTURE.md, Layers). And
//! one module alone writes log lines (docs/LOGGING.md).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

/// The modules of `hotline`, the lowest layer first. A module imports from lower layers and from its own; the objects know
/// each other by their messages alone.
const LAYERS: [&[&str]; 10] = [
    &["domain", "form", "json", "log", "encoding"],
    &["config"],
    &["send_rules"],
    &["api", "twilio", "helpscout", "media"],
    &["messages"],
    &["effects", "alarm", "storage"],
    &["jobs", "answer", "step", "deliveries"],
    &["sidebar", "health"],
    &["routing"],
    &OBJECTS,
];

const OBJECTS: [&str; 10] = [
    "contact",
    "call",
    "directory",
    "rate_limiter",
    "api_key",
    "audience",
    "endpoint",
    "participant",
    "verification_limit",
    "monitor",
];

type Module = Vec<String>;

/// Each module, and what it imports from its own crate.
type Imports = BTreeMap<Module, BTreeSet<Module>>;

#[test]
fn no_module_imports_in_a_circle() {
    for name in ["hotline", "worker", "widget", "protocol", "xtask"] {
        let imports = imports(&sources(name));
        assert!(imports.len() > 3, "{name} has modules");
        assert_eq!(circle(&imports), Vec::<String>::new(), "a circle in {name}");
    }
}

#[test]
fn no_layer_imports_from_one_above() {
    assert_eq!(upwards(&imports(&sources("hotline"))), Vec::<String>::new());
}

/// What writes to the log. The rules push `Effect::Log` or return `Routed.log`; `worker/src/logging.rs` writes the line.
const CONSOLE: [&str; 9] =
    ["console", "console_log", "console_warn", "console_error", "console_debug", "print", "println", "eprintln", "dbg"];

#[test]
fn only_one_module_of_the_worker_writes_to_the_console() {
    for name in ["hotline", "protocol", "worker"] {
        for (module, text) in sources(name) {
            let may_write = name == "worker" && module == ["logging"];
            let writes = names_any(text.parse().expect("Rust"), &CONSOLE);
            assert_eq!(writes, may_write, "{name} {module:?}");
        }
    }
}

fn names_any(tokens: TokenStream, words: &[&str]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => words.iter().any(|it| word == it),
        TokenTree::Group(group) => names_any(group.stream(), words),
        _ => false,
    })
}

#[test]
fn a_circle_and_an_import_upwards_are_noticed() {
    let source = |text: &str| text.to_owned();
    let sources = BTreeMap::from([
        (vec!["domain".to_owned()], source("use std::fmt;\nuse crate::{config::{Config, Hotline}, json};")),
        (vec!["config".to_owned()], source("//! crate::contact\nfn f() { vec![super::domain::phone::E164::new()]; }")),
        (vec!["json".to_owned()], source("#[cfg(test)]\nmod tests { use crate::domain::Phone; }")),
        (vec!["call".to_owned()], source("use crate::contact::Message as M;\nuse crate::domain;")),
        (vec!["contact".to_owned()], source("pub use crate::config::*;")),
        (vec!["elsewhere".to_owned()], source("")),
    ]);
    let imports = imports(&sources);
    assert_eq!(circle(&imports), ["config", "domain"]);
    let expected = ["call imports contact", "domain imports config", "elsewhere is in no layer: add it to LAYERS"];
    assert_eq!(upwards(&imports), expected);
}

/// The modules that import each other in a circle, directly or not.
fn circle(imports: &Imports) -> Vec<String> {
    let mut left = imports.clone();
    loop {
        let imported: BTreeSet<Module> = left.values().flatten().cloned().collect();
        let is_free = |module: &Module, from: &BTreeSet<Module>| {
            !imported.contains(module) || from.iter().all(|other| !left.contains_key(other))
        };
        let free: Vec<Module> =
            left.iter().filter(|(module, from)| is_free(module, from)).map(|it| it.0.clone()).collect();
        if free.is_empty() {
            return left.keys().map(|module| module.join("::")).collect();
        }
        left.retain(|module, _| !free.contains(module));
        for from in left.values_mut() {
            from.retain(|module| !free.contains(module));
        }
    }
}

fn upwards(imports: &Imports) -> Vec<String> {
    let layer_of = |module: &Module| LAYERS.iter().position(|layer| layer.contains(&module[0].as_str()));
    let mut found = BTreeSet::new();
    for (module, from) in imports.iter().filter(|(module, _)| !module.is_empty()) {
        let Some(layer) = layer_of(module) else {
            found.insert(format!("{} is in no layer: add it to LAYERS", module[0]));
            continue;
        };
        for other in from.iter().filter(|other| other[0] != module[0]) {
            let is_object = OBJECTS.contains(&module[0].as_str());
            if layer_of(other).is_none_or(|below| below > layer || (is_object && below == layer)) {
                found.insert(format!("{} imports {}", module.join("::"), other.join("::")));
            }
        }
    }
    found.into_iter().collect()
}

/// The modules of a crate with their text; tests are left out.
fn sources(name: &str) -> BTreeMap<Module, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join(name).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|it| it == "rs")
                && entry.file_stem().is_some_and(|it| it != "tests")
            {
                let path = entry.strip_prefix(&root).expect("below").with_extension("");
                let mut module: Module = path.iter().map(|it| it.to_string_lossy().into_owned()).collect();
                module.pop_if(|last| matches!(last.as_str(), "mod" | "lib" | "main"));
                found.insert(module, fs::read_to_string(&entry).expect("text"));
            }
        }
    }
    found
}

fn imports(sources: &BTreeMap<Module, String>) -> Imports {
    let of = |(module, text): (&Module, &String)| {
        let mut paths = Vec::new();
        read(text.parse().expect("Rust"), &mut paths);
        let found = paths.iter().filter_map(|path| resolve(module, path, sources));
        // A module names its parent without importing from it: what a folder shares stands there.
        let found = found.filter(|other| !module.starts_with(other)).collect();
        (module.clone(), found)
    };
    sources.iter().map(of).collect()
}

/// The module that a path leads to, if it is one of this crate's.
fn resolve(module: &Module, path: &[String], sources: &BTreeMap<Module, String>) -> Option<Module> {
    let mut target = match path.first()?.as_str() {
        "crate" => Vec::new(),
        "super" | "self" => module.clone(),
        _ => return None,
    };
    for segment in path {
        match segment.as_str() {
            "crate" | "self" => {}
            "super" => drop(target.pop()),
            name => target.push(name.to_owned()),
        }
    }
    while !target.is_empty() && !sources.contains_key(&target) {
        target.pop();
    }
    (!target.is_empty()).then_some(target)
}

/// Collects the paths of a file: what it uses, and what it names by `crate::`, `super::` or `self::`.
fn read(tokens: TokenStream, paths: &mut Vec<Vec<String>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => at += test_module(&tokens[at..]),
            TokenTree::Ident(word) if word == "use" => {
                let uses = tokens[at..].iter().take_while(|token| !is_mark(token, ';'));
                expand(uses.cloned().collect(), &[], paths);
            }
            TokenTree::Ident(word) if word == "crate" || word == "super" || word == "self" => {
                let mut path = vec![word.to_string()];
                while let [first, second, TokenTree::Ident(segment), ..] = &tokens[at..] {
                    if !is_mark(first, ':') || !is_mark(second, ':') {
                        break;
                    }
                    path.push(segment.to_string());
                    at += 3;
                }
                paths.extend((path.len() > 1).then_some(path));
            }
            TokenTree::Group(group) => read(group.stream(), paths),
            _ => {}
        }
    }
}

/// How many tokens after a `#` are the rest of a module that is compiled for tests alone.
fn test_module(after: &[TokenTree]) -> usize {
    let is_cfg_test = after.first().is_some_and(|it| it.to_string().replace(' ', "") == "[cfg(test)]");
    let word = |at: usize| after.get(at).map(ToString::to_string);
    let module = (1..4).find(|at| word(*at).as_deref() == Some("mod"));
    module.filter(|_| is_cfg_test).map_or(0, |at| at + 3)
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(it) if it.as_char() == mark)
}

/// The paths of a use tree: `a::{b, c::{d, e as f}}` gives `a::b`, `a::c::d`, `a::c::e`.
fn expand(tokens: TokenStream, prefix: &[String], paths: &mut Vec<Vec<String>>) {
    let (mut path, mut is_done) = (prefix.to_vec(), false);
    for token in tokens {
        match token {
            TokenTree::Ident(word) if word == "as" => {
                paths.push(path.clone());
                is_done = true;
            }
            TokenTree::Ident(word) if !is_done => path.push(word.to_string()),
            TokenTree::Group(group) => {
                expand(group.stream(), &path, paths);
                is_done = true;
            }
            TokenTree::Punct(mark) if mark.as_char() == ',' => {
                if !is_done {
                    paths.push(path);
                }
                (path, is_done) = (prefix.to_vec(), false);
            }
            _ => {}
        }
    }
    if !is_done && path.len() > prefix.len() {
        paths.push(path);
    }
}
