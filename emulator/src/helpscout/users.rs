//! Users and inboxes, read only (Users and Mailboxes endpoint pages).

use super::HelpScout;
use super::request::ApiRequest;
use super::response::{ApiError, ApiResult, ok, page};
use super::settings::User;
use crate::http::Response;

impl HelpScout {
    pub(super) fn list_users(&self, request: &ApiRequest) -> Response {
        let inbox = request.param("mailbox").and_then(|id| id.parse().ok());
        let members = inbox.and_then(|id: u64| self.settings.inbox_users.get(&id));
        let wanted = |user: &&User| {
            request.param("email").is_none_or(|email| user.email.eq_ignore_ascii_case(email))
                && members.is_none_or(|members| members.contains(&user.id))
        };
        let users: Vec<&User> = self.settings.users.iter().filter(wanted).collect();
        page(request, &self.settings.api_url, "users", 50, &users, |user| self.view().user(user))
    }

    pub(super) fn get_user(&self, id: u64) -> ApiResult {
        let user = self.settings.users.iter().find(|user| user.id == id).ok_or(ApiError::NotFound)?;
        Ok(ok(&self.view().user(user)))
    }

    /// The owner of the OAuth application, with the company.
    pub(super) fn get_me(&self) -> ApiResult {
        let user = self.settings.users.first().ok_or(ApiError::Unauthorized)?;
        let mut body = self.view().user(user);
        body["companyId"] = 1.into();
        Ok(ok(&body))
    }

    pub(super) fn list_inboxes(&self, request: &ApiRequest) -> Response {
        let inboxes: Vec<_> = self.settings.inboxes.iter().filter(|inbox| self.sees_inbox(inbox.id)).collect();
        page(request, &self.settings.api_url, "mailboxes", 50, &inboxes, |inbox| self.view().inbox(inbox))
    }

    pub(super) fn get_inbox(&self, id: u64) -> ApiResult {
        let inbox = self.settings.inboxes.iter().find(|inbox| inbox.id == id && self.sees_inbox(id));
        let inbox = inbox.ok_or(ApiError::NotFound)?;
        Ok(ok(&self.view().inbox(inbox)))
    }
}
