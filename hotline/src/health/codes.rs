//! What can be wrong with a deployment: codes for programs, how bad each is, and what to do about it.

use protocol::health::Status;

/// Something that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// An object cannot be reached.
    StorageUnreachable,
    /// Twilio refuses our credentials, or the account is not active.
    TwilioRefused,
    /// None of a hotline's senders is the account's.
    NoSender,
    /// Help Scout does not answer.
    HelpscoutUnreachable,
    /// Twilio does not answer.
    TwilioUnreachable,
    /// Help Scout takes nothing from our app.
    HelpscoutRefused,
    /// Help Scout's webhook is off.
    WebhookDisabled,
    /// Help Scout has no webhook with our address.
    WebhookMissing,
    /// A sender is not the account's.
    SenderNotOurs,
    /// Work waits too long.
    JobsWaiting,
    /// Work was given up.
    JobsFailed,
    /// Work cannot be read by this release.
    JobsQuarantined,
    /// The account is nearly empty.
    BalanceLow,
    /// The cron does not come.
    CronStale,
    /// An erasure does not end.
    EraseStuck,
}

/// A code, its word, how bad it is, what it is called in a subject, and its repair.
type Entry = (Code, &'static str, Status, &'static str, &'static str);

const CODES: [Entry; 15] = [
    (
        Code::StorageUnreachable,
        "storage_unreachable",
        Status::Down,
        "Part of the storage cannot be reached",
        "Look at Cloudflare's status page, and at the Worker's log for errors of its objects.",
    ),
    (
        Code::TwilioRefused,
        "twilio_refused",
        Status::Down,
        "Twilio refuses our account",
        "Look at the account in Twilio's console; set a new token with `npx wrangler secret put TWILIO_AUTH_TOKEN`.",
    ),
    (
        Code::NoSender,
        "no_sender",
        Status::Down,
        "No number can be used",
        "Correct the hotline's numbers in wrangler.toml, or buy one with `cargo xtask numbers buy`.",
    ),
    (
        Code::HelpscoutUnreachable,
        "helpscout_unreachable",
        Status::Degraded,
        "Help Scout does not answer",
        "Nothing is lost: what waits is posted when Help Scout answers again. Look at its status page.",
    ),
    (
        Code::TwilioUnreachable,
        "twilio_unreachable",
        Status::Degraded,
        "Twilio does not answer",
        "Nothing is lost: what waits leaves when Twilio answers again. Look at its status page.",
    ),
    (
        Code::HelpscoutRefused,
        "helpscout_refused",
        Status::Degraded,
        "Help Scout refuses our app",
        "Look whether the app, its user and the inbox still exist in Help Scout; set new secrets with `npx wrangler secret put HELPSCOUT_APP_SECRET`.",
    ),
    (
        Code::WebhookDisabled,
        "webhook_disabled",
        Status::Degraded,
        "Help Scout's webhook is disabled",
        "It is switched on again within ten minutes; if not, run `cargo xtask hotline apply`.",
    ),
    (
        Code::WebhookMissing,
        "webhook_missing",
        Status::Degraded,
        "Help Scout's webhook is missing",
        "Run `cargo xtask hotline apply`, which makes it.",
    ),
    (
        Code::SenderNotOurs,
        "sender_not_ours",
        Status::Degraded,
        "A number is not the account's",
        "Correct it in wrangler.toml, or buy the number with `cargo xtask numbers buy`.",
    ),
    (
        Code::JobsWaiting,
        "jobs_waiting",
        Status::Degraded,
        "Messages wait too long",
        "See what waits with `cargo xtask jobs list`.",
    ),
    (
        Code::JobsFailed,
        "jobs_failed",
        Status::Degraded,
        "Messages were given up",
        "See what failed with `cargo xtask jobs list --state failed`; it is shown for a day.",
    ),
    (
        Code::JobsQuarantined,
        "jobs_quarantined",
        Status::Degraded,
        "This release cannot read some of the work",
        "Deploy the release that was taken back: it can read them, and does them.",
    ),
    (
        Code::BalanceLow,
        "balance_low",
        Status::Degraded,
        "Twilio's balance is low",
        "Add money to the account in Twilio's console.",
    ),
    (
        Code::CronStale,
        "cron_stale",
        Status::Degraded,
        "The cron does not run",
        "Look whether wrangler.toml has [triggers] crons, deploy, and read the Worker's log.",
    ),
    (
        Code::EraseStuck,
        "erase_stuck",
        Status::Degraded,
        "An erasure does not end",
        "Twilio does not let go of somebody's messages; see what waits with `cargo xtask jobs list`.",
    ),
];

impl Code {
    fn entry(self) -> Option<&'static Entry> {
        CODES.iter().find(|(code, ..)| *code == self)
    }

    /// For programs.
    pub fn as_str(self) -> &'static str {
        self.entry().map_or("", |(_, word, ..)| word)
    }

    /// From a row.
    pub fn read(word: &str) -> Option<Self> {
        CODES.iter().find(|(_, known, ..)| *known == word).map(|(code, ..)| *code)
    }

    /// How bad it is.
    pub fn status(self) -> Status {
        self.entry().map_or(Status::Degraded, |(_, _, status, ..)| *status)
    }

    /// What is wrong, in a few words.
    pub fn title(self) -> &'static str {
        self.entry().map_or("", |(.., title, _)| title)
    }
}

/// What to do about something.
pub fn repair_of(code: Code) -> &'static str {
    code.entry().map_or("", |(.., repair)| repair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_one_word_a_title_and_a_repair() {
        for (code, word, status, title, repair) in CODES {
            assert_eq!((Code::read(word), code.as_str(), code.status()), (Some(code), word, status));
            assert_eq!(code.title(), title);
            assert!(repair.ends_with('.') && !title.ends_with('.') && status != Status::Ok, "{word}");
        }
    }
}
