//! HTTP as values, so that the same models serve sockets and the simulation.

/// A request that one of the services receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Upper-case method.
    pub method: String,
    /// Path and query as they stand on the request line, below the service's own prefix.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
}

/// What a service answers, or what a webhook's receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
}

/// How a webhook's receiver took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answered.
    Answered(Response),
    /// No connection.
    Refused,
    /// It was connected and did not answer in time.
    TimedOut,
}

/// A webhook on its way to its receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Hand it back with the outcome.
    pub id: u64,
    /// Absolute address without fragment.
    pub url: String,
    /// Method, target (the address's path and query), headers and body.
    pub request: Request,
}

/// An emulated service: answers requests and sends due webhooks.
///
/// `now` is in milliseconds since 1970 and never goes back; the model reads no clock of its own.
pub trait Model {
    /// Answers one API request.
    fn handle(&mut self, now: u64, request: &Request) -> Response;
    /// The instant at which `take_due` next has something to do.
    fn next_due(&self) -> Option<u64>;
    /// Takes due webhooks. Each needs one call of `answered`.
    fn take_due(&mut self, now: u64) -> Vec<Delivery>;
    /// Outcome of a webhook; may cause retries and fallbacks.
    fn answered(&mut self, now: u64, delivery: u64, outcome: Outcome);
}
