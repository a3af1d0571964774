//! Files of threads: base64 both ways, `fileName` in and `filename` out (Attachments endpoint pages).

use super::HelpScout;
use super::changes::File;
use super::response::{ApiError, ApiResult, created, no_content, ok};
use super::validation::{Validator, at};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

/// 10 MB per attachment: published for API v1, no figure is published for v2.
const FILE_MOST: usize = 10 * 1024 * 1024;

impl HelpScout {
    pub(super) fn attach(&mut self, conversation: u64, thread: u64, body: &Value) -> ApiResult {
        self.writable(conversation)?;
        let mut check = Validator::default();
        check_file(&mut check, body, "");
        check.done()?;
        self.thread(thread).filter(|it| it.conversation == conversation).ok_or(ApiError::NotFound)?;
        let file = read_file(body)?;
        let id = self.keep_file(conversation, file);
        if let Some(it) = self.records.threads.get_mut(&thread) {
            it.attachments.push(id);
        }
        Ok(created(id, format!("{}/v2/conversations/{conversation}/attachments/{id}", self.settings.api_url)))
    }

    pub(super) fn attachment_data(&self, conversation: u64, id: u64) -> ApiResult {
        let file = self.file(id).filter(|file| file.conversation == conversation).ok_or(ApiError::NotFound)?;
        Ok(ok(&json!({ "data": BASE64_STANDARD.encode(&file.bytes) })))
    }

    pub(super) fn detach(&mut self, conversation: u64, id: u64) -> ApiResult {
        self.file(id).filter(|file| file.conversation == conversation).ok_or(ApiError::NotFound)?;
        self.records.attachments.remove(&id);
        for thread in self.records.threads.values_mut() {
            thread.attachments.retain(|attachment| *attachment != id);
        }
        Ok(no_content())
    }
}

/// `prefix` ends with a dot or is empty.
pub(super) fn check_file(check: &mut Validator, body: &Value, prefix: &str) {
    check.text(body, &format!("{prefix}fileName"));
    check.text(body, &format!("{prefix}mimeType"));
    let path = format!("{prefix}data");
    if at(body, &path).as_str().is_none_or(|data| data.is_empty() || BASE64_STANDARD.decode(data).is_err()) {
        check.fail(&path, "base64", "must be base64", &Value::Null);
    }
}

/// Files that have been checked.
pub(super) fn read_files(list: &Value) -> Result<Vec<File>, ApiError> {
    list.as_array().into_iter().flatten().map(read_file).collect()
}

fn read_file(body: &Value) -> Result<File, ApiError> {
    let text = |name| at(body, name).as_str().unwrap_or_default();
    let bytes = BASE64_STANDARD.decode(text("data")).unwrap_or_default();
    if bytes.len() > FILE_MOST {
        return Err(ApiError::TooLarge);
    }
    Ok(File { filename: text("fileName").into(), mime_type: text("mimeType").into(), bytes })
}
