//! The reference page of `/v1`, `static/assets/api.html`: a renderer makes it from the description of the API. It is whole: a browser
//! that opens it asks for nothing more.
use crate::process::{Outcome, node_tool, read, root};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What is served.
const PAGE: &str = "static/assets/api.html";

/// What the renderer reads.
const DESCRIPTION: &str = "worker/build/openapi.json";

/// What the page was made from: a page that is there and made from the same is not made again.
const MADE_FROM: &str = "worker/build/openapi.made-from";

/// The renderer's package.
const RENDERER: &str = "node_modules/@redocly/cli/package.json";

/// Two pictures that it would fetch from its makers; a picture that is not there is left out.
const PICTURES: [&str; 2] =
    ["https://cdn.redoc.ly/redoc/logo-mini-full.svg", "https://cdn.redoc.ly/redoc/logo-mini.svg"];
const NO_PICTURE: &str = "data:,";

/// Makes the page, unless it is there; `printer` prints the description.
pub(crate) fn make(printer: &Path) -> Outcome {
    let description = read(&mut Command::new(printer))?;
    let made_from = format!("{}\n{description}", renderer_version());
    let is_made =
        root().join(PAGE).exists() && fs::read_to_string(root().join(MADE_FROM)).is_ok_and(|it| it == made_from);
    if is_made {
        return Ok(());
    }
    write(DESCRIPTION, &description)?;
    let mut render = node_tool("redocly");
    render.args(["build-docs", DESCRIPTION, "--output", PAGE, "--inlineBundle"]);
    render.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_NOTIFICATIONS", "true");
    let rendered = render.output().map_err(|error| format!("redocly: {error}"))?;
    if !rendered.status.success() {
        return Err(format!("the reference page was not made: {}", String::from_utf8_lossy(&rendered.stderr)));
    }
    let page = fs::read_to_string(root().join(PAGE)).map_err(|error| format!("{PAGE}: {error}"))?;
    write(PAGE, &PICTURES.into_iter().fold(page, |page, picture| page.replace(picture, NO_PICTURE)))?;
    write(MADE_FROM, &made_from)
}

fn write(file: &str, text: &str) -> Outcome {
    fs::write(root().join(file), text).map_err(|error| format!("{file}: {error}"))
}

fn renderer_version() -> String {
    let package = fs::read_to_string(root().join(RENDERER)).unwrap_or_default();
    let package: Value = serde_json::from_str(&package).unwrap_or_default();
    package["version"].as_str().unwrap_or_default().to_owned()
}
