//! Variables are added to wrangler.toml; all that stands there stays as it is.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};
use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::failure::{Failure, Outcome};

/// Adds what is not there yet to `[vars]`, or to an environment's. Returns the names of what was added. A variable that is
/// there with another value stops all of it before anything is written.
pub fn append(file: &Path, env: Option<&str>, vars: &Map<String, Value>) -> Outcome<Vec<String>> {
    let failed = |code: &str, why: String| Failure::new(code, format!("{}: {why}", file.display())).about("--config");
    let text = fs::read_to_string(file).map_err(|error| failed("config_unreadable", error.to_string()))?;
    let mut document: DocumentMut = text
        .parse()
        .map_err(|_| failed("config_unreadable", "is no TOML; `cargo xtask check` says where".to_owned()))?;
    let table =
        vars_of(&mut document, env).ok_or_else(|| failed("config_invalid", "its [vars] are no table".to_owned()))?;
    let mut added = Vec::new();
    for (name, wanted) in vars {
        let item = item_of(wanted);
        match table.get(name) {
            Some(known) if same(known, &item) => {}
            Some(_) => {
                let why = format!("{name} is there already with another value. Nothing was written.");
                return Err(failed("variable_exists", why).about(name));
            }
            None => {
                table.insert(name, item);
                added.push(name.clone());
            }
        }
    }
    if !added.is_empty() {
        fs::write(file, document.to_string()).map_err(|error| failed("config_unwritable", error.to_string()))?;
    }
    Ok(added)
}

/// The variables as they stand in a wrangler.toml.
pub fn as_toml(vars: &Map<String, Value>) -> String {
    let mut document = DocumentMut::new();
    if let Some(table) = vars_of(&mut document, None) {
        for (name, wanted) in vars {
            table.insert(name, item_of(wanted));
        }
    }
    document.to_string()
}

fn vars_of<'a>(document: &'a mut DocumentMut, env: Option<&str>) -> Option<&'a mut Table> {
    let mut table = document.as_table_mut();
    for name in env.into_iter().flat_map(|env| ["env", env]) {
        table = inner(table, name)?;
    }
    inner(table, "vars")
}

fn inner<'a>(table: &'a mut Table, name: &str) -> Option<&'a mut Table> {
    let implicit = || {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    };
    table.entry(name).or_insert_with(implicit).as_table_mut()
}

fn item_of(wanted: &Value) -> Item {
    match wanted {
        Value::Object(fields) => {
            let mut table = Table::new();
            for (name, field) in fields {
                table.insert(name, item_of(field));
            }
            Item::Table(table)
        }
        Value::Array(items) => value(items.iter().filter_map(Value::as_str).collect::<Array>()),
        Value::Number(number) => value(number.as_i64().unwrap_or_default()),
        other => value(other.as_str().unwrap_or_default()),
    }
}

/// Whether two say the same, however they are written. A table that is there may say more.
fn same(known: &Item, wanted: &Item) -> bool {
    if let Some(wanted) = wanted.as_table() {
        let has = |(name, field): (&str, &Item)| {
            let known = known.as_table_like().and_then(|known| known.get(name));
            known.is_some_and(|known| same(known, field))
        };
        return known.is_table_like() && wanted.iter().all(has);
    }
    plain(known) == plain(wanted)
}

fn plain(item: &Item) -> String {
    match item.as_value() {
        Some(toml_edit::Value::Array(items)) => {
            let items: Vec<_> = items.iter().map(|item| item.to_string().trim().to_owned()).collect();
            items.join(",")
        }
        Some(value) => value.as_str().map_or_else(|| value.to_string().trim().to_owned(), str::to_owned),
        None => String::new(),
    }
}
