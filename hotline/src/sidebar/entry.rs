//! What an entry of the timeline is, and where another conversation begins on it.

/// What a thing on the timeline is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A text, with or without pictures.
    #[default]
    Text,
    /// A call that somebody answered, or that an agent made.
    Call,
    /// A call that nobody answered.
    MissedCall,
    /// A message left by voice.
    Voicemail,
}

const KINDS: [(Kind, &str); 4] =
    [(Kind::Text, "text"), (Kind::Call, "call"), (Kind::MissedCall, "missed_call"), (Kind::Voicemail, "voicemail")];

impl Kind {
    /// For a row.
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// From a row.
    pub fn read(word: &str) -> Option<Self> {
        KINDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}

impl From<Kind> for protocol::sidebar::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Call => Self::Call,
            Kind::MissedCall => Self::MissedCall,
            Kind::Voicemail => Self::Voicemail,
        }
    }
}

/// Which entries another conversation begins with, and which; none are marked when all are of the conversation beside
/// which they are shown.
pub fn marks(conversations: &[Option<u64>], beside: Option<u64>) -> Vec<Option<u64>> {
    let elsewhere = conversations.iter().any(|it| it.is_some() && *it != beside);
    let mut current = None;
    let mark = |conversation: &Option<u64>| {
        let begins = conversation.filter(|it| elsewhere && Some(*it) != current);
        current = begins.or(current);
        begins
    };
    conversations.iter().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_stands_where_the_conversation_changes_and_nowhere_else() {
        let (one, two) = (Some(1001), Some(1002));
        assert_eq!(marks(&[one, None, one], one), [None; 3]);
        assert_eq!(marks(&[one, None, one], two), [one, None, None]);
        assert_eq!(marks(&[one, one, None, two, one], one), [one, None, None, two, one]);
    }
}
