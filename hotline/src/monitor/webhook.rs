//! Help Scout's webhook is looked at, and switched on again where Help Scout has switched it off.

use protocol::health::WebhookState;

use super::StepContext;
use super::known::Known;
use super::run::{Ask, Run};
use crate::api::{Request, Response};
use crate::helpscout::read::is_page;
use crate::helpscout::request::{Webhook, list_webhooks, replace_webhook};
use crate::helpscout::webhook::EVENTS;
use crate::json::Document;
use crate::messages::monitor::Seen;

/// Pages of webhooks that are read (OPERATE.md, section 7).
const MOST_PAGES: u32 = 10;

pub(super) fn list(page: u32) -> Request {
    list_webhooks(page)
}

/// The request that replaces it with what it is to be, which also enables it.
pub(super) fn enable(ctx: &StepContext, id: u64, label: &str) -> Request {
    let mut inboxes: Vec<u64> = ctx.config.hotlines.iter().map(|hotline| hotline.mailbox).collect();
    inboxes.sort_unstable();
    let webhook = Webhook {
        url: &url(ctx),
        events: &EVENTS,
        mailbox_ids: &inboxes,
        payload_version: "V3",
        notification: false,
        label,
        secret: ctx.config.secrets.helpscout_webhook_secret.expose(),
    };
    replace_webhook(id, &webhook)
}

fn url(ctx: &StepContext) -> String {
    format!("{}/helpscout/webhook", ctx.config.public_url)
}

/// A page has come. A list that cannot be read says nothing.
pub(super) fn on_list(ctx: &StepContext, run: &mut Run, known: &mut Known, page: u32, response: &Response) {
    let list = response.json();
    if !response.is_success() || !is_page(&list) {
        return;
    }
    let url = url(ctx);
    let found = list.at("_embedded").at("webhooks").items().iter().find(|webhook| webhook.at("url").text() == url);
    if let Some(webhook) = found {
        let is_enabled = webhook.at("state").text() != "disabled";
        seen(ctx, known, if is_enabled { WebhookState::Enabled } else { WebhookState::Disabled });
        if let Some(id) = webhook.at("id").number().filter(|_| !is_enabled) {
            run.todo.push_front(Ask::EnableWebhook { id, label: webhook.string("label") });
        }
    } else if list.at("page/totalPages").number().is_some_and(|pages| pages > u64::from(page)) && page < MOST_PAGES {
        run.todo.push_front(Ask::Webhooks { page: page + 1 });
    } else {
        seen(ctx, known, WebhookState::Missing);
    }
}

/// It is switched on again, or is not.
pub(super) fn on_enabled(ctx: &StepContext, known: &mut Known, response: &Response) {
    if response.is_success() {
        seen(ctx, known, WebhookState::Enabled);
    }
}

fn seen(ctx: &StepContext, known: &mut Known, is: WebhookState) {
    known.found.webhook = Some(Seen::again(known.found.webhook.as_ref(), is, ctx.now));
}
