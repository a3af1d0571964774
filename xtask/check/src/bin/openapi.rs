//! Prints the description of `/v1` (OpenAPI 3.1), as the Worker at an address would serve it: `openapi https://YOUR-WORKER`.

fn main() {
    let address = std::env::args().nth(1).unwrap_or_else(|| "https://YOUR-WORKER".to_owned());
    println!("{}", hotline::routing::description(&address));
}
