//! `person export`: what the hotlines keep, as one document, with its files beside it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::path;
use crate::cli::Export;
use crate::failure::{Failure, Outcome};
use crate::output::Output;
use crate::project::Project;
use crate::worker::Worker;

/// The longest ending of a file's name.
const LONGEST_ENDING: usize = 8;

pub(super) fn export(worker: &Worker, project: &Project, out: Output, args: &Export) -> Outcome {
    let hotline = args.hotline.as_deref().map(|name| project.hotline(name)).transpose()?;
    let query: Vec<(&str, &str)> = hotline.iter().map(|hotline| ("hotline", hotline.api_name())).collect();
    let found = worker.read(&format!("{}/export", path(&args.number)), &query)?;
    let mut export = found.ok_or_else(|| {
        Failure::new("worker_unknown", "PUBLIC_URL does not know this request; deploy this release there")
    })?;
    let fetched = files(worker, args.media.as_deref(), &mut export)?;
    match &args.out {
        Some(file) => {
            let text = format!("{export:#}\n");
            fs::write(file, text).map_err(|error| unwritable(file, &error))?;
            out.say(&format!("Written to {}.", file.display()));
        }
        None if !out.is_json() => println!("{export:#}"),
        None => {}
    }
    if let Some(folder) = &args.media {
        out.say(&format!("{fetched} files in {}.", folder.display()));
    }
    out.document(&export);
    Ok(())
}

/// A signed link opens its file to whoever has it, so none is printed: in its place stands the file that was fetched.
fn files(worker: &Worker, folder: Option<&Path>, export: &mut Value) -> Outcome<usize> {
    if let Some(folder) = folder {
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    }
    let mut fetched = 0;
    for hotline in export["hotlines"].as_array_mut().into_iter().flatten() {
        let name = hotline["hotline"].as_str().unwrap_or_default().to_owned();
        for entry in hotline["entries"].as_array_mut().into_iter().flatten() {
            let id = plain(entry["id"].as_str().unwrap_or_default());
            for (at, medium) in entry["media"].as_array_mut().into_iter().flatten().enumerate() {
                let url = medium["url"].take();
                let Some(medium) = medium.as_object_mut() else { continue };
                medium.remove("url");
                let Some((folder, url)) = folder.zip(url.as_str()) else { continue };
                let kind = medium.get("type").and_then(Value::as_str).unwrap_or_default();
                let file = format!("{name}-{id}-{}.{}", at + 1, ending(kind));
                match worker.file(url)? {
                    Ok(bytes) => {
                        let whole = folder.join(&file);
                        fs::write(&whole, bytes).map_err(|error| unwritable(&whole, &error))?;
                        medium.insert("file".to_owned(), json!(file));
                        fetched += 1;
                    }
                    Err(status) => {
                        medium.insert("missing".to_owned(), json!(status));
                    }
                }
            }
        }
    }
    Ok(fetched)
}

/// Letters and digits alone: an id is a part of a file's name.
fn plain(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// `image/png` ends as `png`; what is odd, as `bin`.
fn ending(kind: &str) -> String {
    let subtype =
        kind.split(';').next().and_then(|kind| kind.split_once('/')).map_or("", |(_, subtype)| subtype.trim());
    let is_plain = (1..=LONGEST_ENDING).contains(&subtype.len()) && subtype.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_plain { subtype.to_ascii_lowercase() } else { "bin".to_owned() }
}

fn unwritable(file: &Path, error: &std::io::Error) -> Failure {
    Failure::new("not_written", format!("{} cannot be written: {error}", file.display()))
}
