//! What the person at the other end of a call hears, and for how long.

/// What a person hears from an instant on, until the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The ringing tone; on a phone that is called, its bell.
    Ringing,
    /// Words of `<Say>`.
    Said(String),
    /// A file of `<Play>`, or `digits:…`.
    Played(String),
    /// The beep of `<Record>`, and then the line that listens.
    Beep,
    /// Nothing.
    Silence,
    /// Twilio's own music of a queue or a conference.
    Music,
    /// The person of the call with this sid.
    Bridged(String),
    /// A busy signal.
    Busy,
    /// "An application error has occurred. Goodbye."
    ApplicationError,
    /// The call is over.
    Ended,
}

impl Heard {
    /// As the control API writes it: a kind and what belongs to it.
    pub fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Ringing => ("ringing", ""),
            Self::Said(text) => ("said", text),
            Self::Played(url) => ("played", url),
            Self::Beep => ("beep", ""),
            Self::Silence => ("silence", ""),
            Self::Music => ("music", ""),
            Self::Bridged(sid) => ("bridged", sid),
            Self::Busy => ("busy", ""),
            Self::ApplicationError => ("application_error", ""),
            Self::Ended => ("ended", ""),
        }
    }
}

/// Everything that a person heard in one call, with the instants in milliseconds.
pub(super) fn add(heard: &mut Vec<(u64, Heard)>, now: u64, what: Heard) {
    // What lasted no time was not heard.
    while heard.last().is_some_and(|(at, last)| *at == now && *last == Heard::Silence) {
        heard.pop();
    }
    let goes_on = matches!(what, Heard::Ringing | Heard::Silence | Heard::Music | Heard::Bridged(_) | Heard::Ended);
    if !(goes_on && heard.last().is_some_and(|(_, last)| *last == what)) {
        heard.push((now, what));
    }
}

/// The longest time of silence in one piece, in milliseconds, up to `now` for a call that goes on.
pub(super) fn longest_silence(heard: &[(u64, Heard)], now: u64) -> u64 {
    let ends = heard.iter().map(|(at, _)| *at).skip(1).chain([now]);
    let pieces = heard.iter().zip(ends).filter(|((_, what), _)| *what == Heard::Silence);
    pieces.map(|((at, _), end)| end.saturating_sub(*at)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_measured_in_one_piece() {
        let mut heard = Vec::new();
        let story = [
            (0, Heard::Ringing),
            (2_000, Heard::Silence),
            (2_000, Heard::Said("Hi".into())),
            (3_000, Heard::Silence),
            (5_000, Heard::Silence),
            (9_000, Heard::Beep),
        ];
        for (at, what) in story {
            add(&mut heard, at, what);
        }
        assert_eq!(heard.len(), 4);
        assert_eq!(longest_silence(&heard, 60_000), 6_000);
        add(&mut heard, 60_000, Heard::Silence);
        assert_eq!(longest_silence(&heard, 70_000), 10_000);
        add(&mut heard, 61_000, Heard::Ended);
        assert_eq!(longest_silence(&heard, 100_000), 6_000);
    }
}
