//! A Worker that takes a body, hands it to the object of its sender, writes one row, and answers.

use worker::{
    Context, DurableObject, Env, Method, Request, RequestInit, Response, Result, State, durable_object, event,
};

#[event(fetch)]
async fn fetch(mut request: Request, env: Env, _: Context) -> Result<Response> {
    if request.path() == "/healthz" {
        return Response::ok("ok");
    }
    let body = request.text().await?;
    let sender = body.split('&').find_map(|field| field.strip_prefix("From=")).unwrap_or("nobody").to_owned();
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(body.into()));
    let stub = env.durable_object("LINE")?.get_by_name(&sender)?;
    stub.fetch_with_request(Request::new_with_init("https://object/", &init)?).await
}

/// The object.
#[durable_object]
pub struct Line {
    state: State,
}

impl DurableObject for Line {
    fn new(state: State, _: Env) -> Self {
        let line = Self { state };
        let table = "CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT";
        // A table that could not be made shows at the first write.
        let _ = line.state.storage().sql().exec(table, None);
        line
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let body = request.text().await?;
        self.state.storage().sql().exec("INSERT INTO texts (body) VALUES (?)", vec![body.into()])?;
        Response::ok("<Response/>")
    }
}
