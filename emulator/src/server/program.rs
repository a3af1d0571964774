//! The playground's program: it asks the hotline's API, as a program of the organisation with a key does.

use serde_json::json;

use super::Shared;
use super::routes::{json_reply, reply};
use crate::http::{Request, Response};

/// A program with a key to the Worker's API.
#[derive(Clone, Debug)]
pub struct Program {
    /// The API's address, without a slash at its end.
    pub url: String,
    /// The key's token.
    pub token: String,
    /// The hotline that the program sends from, by the name that follows `HOTLINE_`.
    pub hotline: String,
}

/// `/_play/program`: which key it has; below that, `/v1` as it answers this key.
pub(super) async fn serve(shared: &Shared, request: &Request) -> Response {
    let Some(program) = &shared.program else {
        return json_reply(404, &json!({"error": "this emulator was started without a key to the API"}));
    };
    match request.target.strip_prefix("/_play/program").unwrap_or_default() {
        "" | "/" => json_reply(200, &json!({"url": program.url, "token": program.token, "hotline": program.hotline})),
        below => ask(program, request, below)
            .await
            .unwrap_or_else(|error| json_reply(502, &json!({"error": format!("the Worker does not answer: {error}")}))),
    }
}

async fn ask(program: &Program, request: &Request, below: &str) -> Result<Response, reqwest::Error> {
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build()?;
    let method = request.method.parse().unwrap_or_default();
    let asked = client.request(method, format!("{}{below}", program.url)).bearer_auth(&program.token);
    let answer = asked.header("content-type", "application/json").body(request.body.clone()).send().await?;
    let (status, kind) = (answer.status().as_u16(), answer.headers().get("content-type").cloned());
    let kind = kind.and_then(|kind| kind.to_str().map(str::to_owned).ok()).unwrap_or_default();
    Ok(reply(status, &kind, answer.bytes().await?))
}
