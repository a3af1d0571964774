//! What the sidebar is made of.

mod agent_phone;
mod call_back;
mod composer;
mod entry_item;
mod error_message;
mod media_list;
mod person_header;
mod scroll;
mod timeline_log;

pub use call_back::CallBack;
pub use composer::Composer;
pub use person_header::PersonHeader;
pub use timeline_log::TimelineLog;
