//! What a plan consists of: one request for each resource, with the fields that it changes and no others.

use serde_json::{Value, json};

/// A kind of resource, as the commands name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    HelpScoutWebhook,
    MessagingService,
    MessagingServiceNumber,
    WhatsAppSender,
    Number,
}

impl Resource {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HelpScoutWebhook => "helpscout_webhook",
            Self::MessagingService => "twilio_messaging_service",
            Self::MessagingServiceNumber => "twilio_messaging_service_number",
            Self::WhatsAppSender => "twilio_whatsapp_sender",
            Self::Number => "twilio_number",
        }
    }
}

/// What a request does with its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Update,
    /// A webhook that Help Scout has switched off.
    Enable,
}

impl Action {
    fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Enable => "enable",
        }
    }
}

/// How far a request has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Planned,
    Done,
    Failed(String),
    /// Not begun, because of Ctrl-C.
    Skipped,
}

impl Status {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Done => "done",
            Self::Failed(_) => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Its name in the API's answers.
    pub field: &'static str,
    /// Its name in the API's forms.
    pub param: &'static str,
    /// What is there; `Null` for nothing.
    pub old: Value,
    /// What is to be there.
    pub new: Value,
}

/// A request that a plan holds.
#[derive(Clone, Debug)]
pub struct Change {
    /// What kind of resource.
    pub resource: Resource,
    /// What people know it by.
    pub name: String,
    /// Its SID at Twilio, or its id at Help Scout; `None` for one that is to be made.
    pub sid: Option<String>,
    /// Whose it is; `None` for what all share.
    pub hotline: Option<String>,
    /// What is done with it.
    pub action: Action,
    /// At least one.
    pub fields: Vec<FieldChange>,
    /// How far it has come.
    pub status: Status,
}

impl Change {
    /// One element for each field.
    pub fn json(&self) -> Vec<Value> {
        let error = if let Status::Failed(reason) = &self.status { Value::from(reason.clone()) } else { Value::Null };
        let element = |it: &FieldChange| {
            json!({
                "resource": self.resource.as_str(), "name": self.name, "sid": self.sid, "hotline": self.hotline,
                "action": self.action.as_str(), "field": it.field, "old": it.old, "new": it.new, "status": self.status.as_str(),
                "error": error,
            })
        };
        self.fields.iter().map(element).collect()
    }

    /// Lines for people: the resource, then each field with what it was and what it will be.
    pub fn lines(&self) -> Vec<String> {
        let shown = |value: &Value| match value {
            Value::Null => "(none)".to_owned(),
            Value::String(text) if text.is_empty() => "(none)".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let whose = self.hotline.as_ref().map_or(String::new(), |hotline| format!(" ({hotline})"));
        let mut lines = vec![format!("{} {} {}{whose}", self.action.as_str(), self.resource.as_str(), self.name)];
        for FieldChange { field, old, new, .. } in &self.fields {
            lines.push(format!("    {field}: {} -> {}", shown(old), shown(new)));
        }
        lines
    }
}
