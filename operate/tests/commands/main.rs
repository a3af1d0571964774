//! The commands, as people and scripts run them, against an emulated Twilio and Help Scout.

mod apply;
mod deploy;
mod deployment;
mod docs;
mod doctor;
mod hotline;
mod import_bling;
mod import_conversations;
mod jobs;
mod numbers;
mod person;
mod words;
mod worker;
