//! The token of an open sidebar. Help Scout's signed address never expires (Help Scout, Apps: it carries no time), so it
//! is exchanged at once for a token that does.

use crate::config::Config;
use crate::domain::link::{self, LinkError, Purpose};
use crate::effects::Millis;

const SIDEBAR: Purpose = Purpose { name: "sidebar", longest: LIFE };

/// How long a token is good (P8: 15 minutes).
pub const LIFE: Millis = 15 * 60_000;

/// A token that is good for no longer than this is renewed when it is used: a sidebar that asks for anything at least
/// every ten minutes keeps its session, and one that asks often is not given a new token each time.
const RENEWED_BELOW: Millis = 10 * 60_000;

/// What an agent may look at: one conversation, and so one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The hotline's inbox.
    pub mailbox: u64,
    /// The conversation beside which the sidebar stands.
    pub conversation: u64,
    /// Help Scout's id of the agent.
    pub agent: i64,
    /// Set when an agent changed the conversation's customer: the key of the person who is the customer now.
    pub customer_override: Option<String>,
}

/// A session whose token was shown, and until when that one is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The session.
    pub session: Session,
    until: Millis,
}

impl Session {
    /// For the person from whom the conversation came.
    pub fn new(mailbox: u64, conversation: u64, agent: i64) -> Self {
        Self { mailbox, conversation, agent, customer_override: None }
    }

    /// A token of letters, digits, `-` and `_`, which also fits the name of a WebSocket's subprotocol.
    pub fn token(&self, config: &Config, now: Millis) -> String {
        let until = now + LIFE;
        let customer = self.customer_override.as_deref().unwrap_or_default();
        let payload = format!("{} {} {} {until} {customer}", self.mailbox, self.conversation, self.agent);
        link::mint(SIDEBAR, config.secrets.session_secret.expose(), until, &payload)
    }
}

impl Opened {
    /// What a token opens now.
    pub fn read(config: &Config, now: Millis, token: &str) -> Result<Self, LinkError> {
        let secrets = [config.secrets.session_secret.expose().to_owned()];
        let payload = link::open(SIDEBAR, &secrets, now, token)?;
        let mut words = payload.splitn(5, ' ');
        let opened = (|| {
            let (mailbox, conversation) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            let (agent, until) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            let customer_override = words.next().filter(|key| !key.is_empty()).map(str::to_owned);
            Some(Self { session: Session { mailbox, conversation, agent, customer_override }, until })
        })();
        opened.ok_or(LinkError::Forged)
    }

    /// Whether it is time for a fresh token.
    pub fn is_ageing(&self, now: Millis) -> bool {
        self.until - now <= RENEWED_BELOW
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::Var;
    use crate::media::MediaLink;

    pub(crate) fn config(secret: &str) -> Config {
        let text = |name: &str, value: &str| (name.to_owned(), Var::Text(value.to_owned()));
        let vars = [
            text("PUBLIC_URL", "https://hotline.example.org"),
            text("HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", "sms.example.org"),
            text("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000000"),
            text("TWILIO_AUTH_TOKEN", "0123456789abcdef0123456789abcdef"),
            text("HELPSCOUT_APP_ID", "a"),
            text("HELPSCOUT_APP_SECRET", "s"),
            text("HELPSCOUT_WEBHOOK_SECRET", "w"),
            text("SESSION_SECRET", secret),
            text("HOTLINE_VOTERS", r#"{"name":"Voters","mailbox":3003,"numbers":["+15550100001"]}"#),
        ];
        Config::read(&vars).unwrap()
    }

    const SECRET: &str = "a_session_secret_of_at_least_32_bytes";
    const ADA: Session = Session { mailbox: 3003, conversation: 1001, agent: 4004, customer_override: None };

    #[test]
    fn a_session_ends_after_fifteen_minutes_and_is_renewed_after_five() {
        let config = config(SECRET);
        let token = ADA.token(&config, 1_000);
        for (after, answer) in [
            (0, Ok(false)),
            (5 * 60_000 - 1, Ok(false)),
            (5 * 60_000, Ok(true)),
            (15 * 60_000 - 1, Ok(true)),
            (15 * 60_000, Err(LinkError::Expired)),
        ] {
            let now = 1_000 + after;
            assert_eq!(Opened::read(&config, now, &token).map(|it| it.is_ageing(now)), answer, "{after}");
        }
    }

    #[test]
    fn a_token_that_would_live_for_a_day_is_forged() {
        let config = config(SECRET);
        let tomorrow = ADA.token(&config, 86_400_000);
        assert_eq!(Opened::read(&config, 1_000, &tomorrow), Err(LinkError::Forged));
    }

    #[test]
    fn neither_a_link_to_a_picture_nor_another_secret_opens_a_sidebar() {
        let ours = config(SECRET);
        let picture = MediaLink::Twilio { url: "3003 1001 4004 9000".to_owned() }.address(&ours, 9_000);
        let picture = picture.rsplit('/').next().unwrap();
        assert_eq!(Opened::read(&ours, 0, picture), Err(LinkError::Forged));
        let theirs = config("another_session_secret_of_32_bytes_too");
        assert_eq!(Opened::read(&ours, 0, &ADA.token(&theirs, 0)), Err(LinkError::Forged));
        assert_eq!(Opened::read(&ours, 0, ""), Err(LinkError::Forged));
    }

    proptest! {
        #[test]
        fn a_token_fits_a_subprotocol_and_opens_what_it_was_made_for(mailbox: u64, conversation: u64, agent in 0i64.., now in 0i64..1 << 50, customer_override in proptest::option::of("[+a-zé: ]{1,64}")) {
            let config = config(SECRET);
            let session = Session { mailbox, conversation, agent, customer_override };
            let token = session.token(&config, now);
            prop_assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
            prop_assert_eq!(Opened::read(&config, now, &token).map(|it| it.session), Ok(session));
        }
    }
}
