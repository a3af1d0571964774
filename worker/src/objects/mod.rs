//! The Durable Objects: four classes over one [`host::ObjectHost`], each with storage of its own.

mod call;
mod contact;
mod directory;
mod host;
mod machine;
mod rate_limiter;
pub mod requests;
mod retry;
mod sockets;

pub use call::Call;
pub use contact::Contact;
pub use directory::Directory;
pub use rate_limiter::RateLimiter;
