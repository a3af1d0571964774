//! What an alert says in Help Scout.

use super::alert_news::News;
use crate::config::{Config, Customers};
use crate::domain::html::Html;
use crate::domain::time::timestamp;
use crate::effects::Millis;
use crate::helpscout::people::Customer;

/// All alerts have it, so that they can be listed.
pub(super) const TAG: &str = "ringside-alert";

/// Help Scout wants a customer for each conversation: one for all alerts. Where people's addresses are made, mail to it is
/// dropped as theirs is; elsewhere it is an address at our own host, which takes no mail.
pub(super) fn customer(config: &Config) -> Customer {
    let host = match &config.customers {
        Customers::Email { domain } => domain,
        Customers::PhoneOnly => host(&config.public_url),
    };
    Customer::Email { email: format!("ringside-alerts@{host}"), first_name: "Ringside".to_owned(), phone: None }
}

fn host(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    authority.split(['/', ':']).next().unwrap_or(authority)
}

/// `Ringside: Help Scout's webhook is disabled (VOTERS)`.
pub(super) fn subject(news: &News) -> String {
    let about = news.hotline.map(|hotline| format!(" ({hotline})")).unwrap_or_default();
    format!("Ringside: {}{about}", title(news))
}

/// Of what an earlier release found and this one does not know there is only the code.
fn title<'a>(news: &'a News) -> &'a str {
    news.code().map_or(news.alert.code.as_str(), |code| code.title())
}

/// What is wrong, since when, and what to do: what the webhook says too. The id of the alert, which no other note has, makes it
/// known again when the answer to it is lost.
pub(super) fn raised(news: &News) -> Html {
    let lines = [
        Some(news.alert.detail.clone()),
        Some(format!("Since {}.", spoken(news.alert.since))),
        news.hotline.map(|hotline| format!("Hotline: {hotline}.")),
        news.repair().map(|repair| format!("What to do: {repair}")),
        Some(id_line(news)),
    ];
    note(title(news), lines.into_iter().flatten())
}

pub(super) fn cleared(news: &News) -> Html {
    let lines = [format!("It began {}: {}", spoken(news.alert.since), news.alert.detail), id_line(news)];
    note(&format!("Over since {}.", spoken(news.at)), lines.into_iter())
}

fn id_line(news: &News) -> String {
    format!("Alert {}", news.id())
}

fn note(head: &str, lines: impl Iterator<Item = String>) -> Html {
    let mut html = Html::strong(head);
    for line in lines {
        html.push(&Html::line_break());
        html.push(&Html::text(&line));
    }
    html
}

/// `20 November 2026, 12:40 UTC`: an alert may concern hotlines of several zones.
fn spoken(at: Millis) -> String {
    timestamp(at).strftime("%-d %B %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_is_what_stands_before_port_and_path() {
        for (url, expected) in [
            ("https://hotline.example.org", "hotline.example.org"),
            ("http://127.0.0.1:8787", "127.0.0.1"),
            ("https://example.org/ringside", "example.org"),
        ] {
            assert_eq!(host(url), expected);
        }
    }
}
