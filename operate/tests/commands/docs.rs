//! Whatever the documents say to type is a command, with flags that it has.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::deployment::Deployment;

/// The commands that are tested here; `xtask` itself has the others.
const OURS: [&str; 8] =
    ["hotline", "numbers", "import-bling", "import-conversations", "doctor", "jobs", "person", "deploy"];

/// The words after `cargo xtask` that stand in a text, up to the end of the command.
fn commands(text: &str) -> BTreeSet<Vec<String>> {
    let ends = |c: char| matches!(c, '`' | '\n' | '#' | '|' | '…' | ',' | ';' | ')');
    let of = |words: &str| {
        let words = words.split(ends).next().unwrap_or_default();
        words.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = text.split("cargo xtask ").skip(1).map(of);
    all.filter(|words| words.first().is_some_and(|word| OURS.contains(&word.as_str()))).collect()
}

#[test]
fn every_command_of_the_documents_is_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let files = docs.chain([root.join("README.md"), root.join("CHANGELOG.md")]);
    let texts: Vec<_> = files.filter(|file| file.extension().is_some_and(|it| it == "md")).collect();
    let hotline = Deployment::fresh();
    let mut tried = 0;
    for file in texts {
        for words in commands(&fs::read_to_string(&file).unwrap()) {
            let is_name =
                |word: &&String| word.chars().all(|it| it.is_ascii_lowercase() || it == '-') && !word.starts_with('-');
            let path: Vec<_> = words.iter().take_while(is_name).map(String::as_str).take(2).collect();
            let help = hotline.run(&format!("{} --help", path.join(" ")));
            assert_eq!(help.exit, 0, "{}: {words:?}: {}", file.display(), help.stderr);
            for flag in words.iter().filter(|word| word.starts_with("--")) {
                let name = flag.split('=').next().unwrap_or_default();
                assert!(help.stdout.contains(name), "{}: {words:?} has no {name}", file.display());
            }
            tried += 1;
        }
    }
    assert!(tried > 10, "only {tried} commands were found");
}

/// Cloudflare's page for a deployment shows these words beside each secret that it asks for (Cloudflare, Deploy buttons).
#[test]
fn every_required_secret_is_described_to_who_deploys_by_the_button() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = |file: &str| fs::read_to_string(root.join(file)).unwrap();
    let config: toml::Value = toml::from_str(&text("wrangler.toml")).unwrap();
    let required: BTreeSet<_> = config["secrets"]["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    let package: Value = serde_json::from_str(&text("package.json")).unwrap();
    let described = package["cloudflare"]["bindings"].as_object().unwrap();
    assert_eq!(described.keys().cloned().collect::<BTreeSet<_>>(), required);
    assert!(described.values().all(|it| it["description"].as_str().is_some_and(|words| words.len() > 30)));
    let example = text(".dev.vars.example");
    let asked = example.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name.to_owned());
    assert_eq!(asked.collect::<BTreeSet<_>>(), required);
}

#[test]
fn the_classes_of_the_configuration_are_those_that_the_worker_says_it_has() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let config: toml::Value = toml::from_str(&fs::read_to_string(root.join("wrangler.toml")).unwrap()).unwrap();
    let exported: BTreeSet<_> = config["exports"].as_table().unwrap().keys().map(String::as_str).collect();
    assert_eq!(exported, BTreeSet::from(hotline::CLASSES));
}
