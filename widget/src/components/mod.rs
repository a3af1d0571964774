//! What the sidebar is made of.

mod agent_phone;
mod call_back;
mod composer;
mod endings;
mod entry_item;
mod error_message;
mod health;
mod health_chart;
mod health_report;
mod media_list;
mod person_header;
mod recording;
mod scroll;
mod sentence;
mod timeline_log;

pub use call_back::CallBack;
pub use composer::Composer;
pub use endings::Endings;
pub use health::HotlineHealth;
pub use person_header::PersonHeader;
pub use timeline_log::TimelineLog;
