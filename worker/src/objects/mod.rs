//! The Durable Objects: five classes over one [`host::ObjectHost`], each with storage of its own.

mod api_key;
mod call;
mod contact;
mod directory;
mod host;
mod machine;
mod rate_limiter;
pub mod requests;
mod retry;
mod sockets;

pub use api_key::ApiKey;
pub use call::Call;
pub use contact::Contact;
pub use directory::Directory;
pub use rate_limiter::RateLimiter;
