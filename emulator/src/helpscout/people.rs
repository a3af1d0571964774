//! Users and inboxes, read only (Users and Mailboxes endpoint pages).

use super::HelpScout;
use super::answer::{Answer, Refusal, ok, page};
use super::call::Call;
use super::settings::User;
use crate::http::Response;

impl HelpScout {
    pub(super) fn list_users(&self, call: &Call) -> Response {
        let wanted = |user: &&User| call.param("email").is_none_or(|email| user.email.eq_ignore_ascii_case(email));
        let users: Vec<&User> = self.settings.users.iter().filter(wanted).collect();
        page(call, &self.settings.api_url, "users", 50, &users, |user| self.shape().user(user))
    }

    pub(super) fn get_user(&self, id: u64) -> Answer {
        let user = self.settings.users.iter().find(|user| user.id == id).ok_or(Refusal::NotFound)?;
        Ok(ok(&self.shape().user(user)))
    }

    /// The owner of the OAuth application, with the company.
    pub(super) fn get_me(&self) -> Answer {
        let user = self.settings.users.first().ok_or(Refusal::Unauthorized)?;
        let mut body = self.shape().user(user);
        body["companyId"] = 1.into();
        Ok(ok(&body))
    }

    pub(super) fn list_inboxes(&self, call: &Call) -> Response {
        let inboxes: Vec<_> = self.settings.inboxes.iter().filter(|inbox| self.sees_inbox(inbox.id)).collect();
        page(call, &self.settings.api_url, "mailboxes", 50, &inboxes, |inbox| self.shape().inbox(inbox))
    }

    pub(super) fn get_inbox(&self, id: u64) -> Answer {
        let inbox = self.settings.inboxes.iter().find(|inbox| inbox.id == id && self.sees_inbox(id));
        let inbox = inbox.ok_or(Refusal::NotFound)?;
        Ok(ok(&self.shape().inbox(inbox)))
    }
}
