//! The Durable Objects: ten classes over one [`host::ObjectHost`], each with storage of its own.

mod api_key;
mod audience;
mod call;
mod contact;
mod directory;
mod endpoint;
mod host;
mod machine;
mod monitor;
mod participant;
mod rate_limiter;
pub mod requests;
mod retry;
mod sockets;
mod verification_limit;

pub use api_key::ApiKey;
pub use audience::Audience;
pub use call::Call;
pub use contact::Contact;
pub use directory::Directory;
pub use endpoint::Endpoint;
pub use monitor::Monitor;
pub use participant::Participant;
pub use rate_limiter::RateLimiter;
pub use verification_limit::VerificationLimit;
