//! The playground's files.

use super::routes::reply;
use crate::http::Response;

const INDEX: &str = include_str!("../page/index.html");
const SCRIPT: &str = include_str!("../page/page.js");
const CALLS: &str = include_str!("../page/calls.js");
const PROGRAM: &str = include_str!("../page/program.js");
const BLOCKS: &str = include_str!("../page/dom.js");
const HOST: &str = include_str!("../page/host.html");
const FRAME: &str = include_str!("../page/host.js");
const STYLE: &str = include_str!("../page/page.css");

/// The file at a path, if it is one of the page's.
pub(super) fn file(path: &str) -> Option<Response> {
    let (content_type, text) = match path {
        "/" => ("text/html; charset=utf-8", INDEX),
        "/page/page.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "/page/calls.js" => ("text/javascript; charset=utf-8", CALLS),
        "/page/program.js" => ("text/javascript; charset=utf-8", PROGRAM),
        "/page/dom.js" => ("text/javascript; charset=utf-8", BLOCKS),
        "/host" => ("text/html; charset=utf-8", HOST),
        "/page/host.js" => ("text/javascript; charset=utf-8", FRAME),
        "/page/page.css" => ("text/css; charset=utf-8", STYLE),
        _ => return None,
    };
    Some(reply(200, content_type, text))
}
