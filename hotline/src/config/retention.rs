//! How long what was said is kept here and at Twilio. Help Scout has it for as long as the team wants.

use super::fields::Fields;
use crate::domain::time::Millis;

const DAY: Millis = 86_400_000;

/// Ten years: who wants to keep something longer leaves the field out.
const LONGEST_DAYS: u32 = 3_650;

/// Days after which something is removed; `None` keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "they are named as in the configuration")]
pub struct Retention {
    /// Words of texts, and transcripts of voicemails.
    pub text_days: Option<u32>,
    /// Pictures and files.
    pub media_days: Option<u32>,
    /// Recordings of voicemails.
    pub recordings_days: Option<u32>,
}

impl Retention {
    /// Reads the table; without one all is kept.
    pub(super) fn read(fields: Option<Fields<'_>>) -> Self {
        let Some(mut fields) = fields else { return Self::default() };
        let mut days = |name| Some(fields.whole(name, 1..=LONGEST_DAYS, 0)).filter(|days| *days > 0);
        let retention = Self {
            text_days: days("text_days"),
            media_days: days("media_days"),
            recordings_days: days("recordings_days"),
        };
        if retention == Self::default() {
            fields.problem(
                "text_days",
                "or media_days or recordings_days must say after how many days something is removed",
            );
        }
        fields.finish();
        retention
    }

    /// Whether anything is ever removed.
    pub fn is_set(&self) -> bool {
        *self != Self::default()
    }

    /// The shortest time that anything is kept.
    pub fn shortest(&self) -> Option<Millis> {
        [self.text_days, self.media_days, self.recordings_days].into_iter().flatten().min().map(in_millis)
    }
}

/// So many days of 24 hours.
pub fn in_millis(days: u32) -> Millis {
    Millis::from(days) * DAY
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::{ConfigError, PlainConfig, Var};

    fn read(retention: &Value) -> Result<Retention, Vec<String>> {
        let table = json!({"name": "Voters", "mailbox": 3003, "numbers": ["+15550100001"], "retention": retention});
        let vars = [
            ("PUBLIC_URL", "https://hotline.example.org".to_owned()),
            ("HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", "sms.example.org".to_owned()),
            ("HOTLINE_VOTERS", table.to_string()),
        ];
        let vars: Vec<_> = vars.into_iter().map(|(name, text)| (name.to_owned(), Var::Text(text))).collect();
        let plain = PlainConfig::read(&vars);
        let fields = |wrong: Vec<ConfigError>| wrong.into_iter().map(|it| it.field).collect();
        plain.map(|plain| plain.hotlines[0].retention).map_err(fields)
    }

    #[test]
    fn days_are_read_and_what_is_left_out_is_kept() {
        let retention = read(&json!({"text_days": 365, "recordings_days": 1})).unwrap();
        assert_eq!(retention, Retention { text_days: Some(365), media_days: None, recordings_days: Some(1) });
        assert_eq!((retention.is_set(), retention.shortest()), (true, Some(DAY)));
        for (wrong, field) in [
            (json!({"text_days": 0}), "HOTLINE_VOTERS.retention.text_days"),
            (json!({"media_days": 3_651}), "HOTLINE_VOTERS.retention.media_days"),
            (json!({"text_days": "long"}), "HOTLINE_VOTERS.retention.text_days"),
            (json!({"days": 30, "text_days": 30}), "HOTLINE_VOTERS.retention.days"),
            (json!({}), "HOTLINE_VOTERS.retention.text_days"),
        ] {
            assert!(read(&wrong).unwrap_err().iter().any(|it| it == field), "{wrong}");
        }
    }
}
