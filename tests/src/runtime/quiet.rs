//! The promise to be quiet (P7): what a log must not hold.

use serde_json::Value;

use super::Stand;

/// Shorter words may stand in a log by chance.
const SHORTEST: usize = 8;

/// What every log line about a request could give away by mistake.
const NEVER: [&str; 6] = ["Bearer ", "Basic ", "/media/", "status?", "Signature=", "whatsapp:+"];

impl Stand {
    /// What the Worker's log tells of the people and the secrets of this story.
    pub fn leaks(&self) -> Vec<String> {
        let log = self.worker.log();
        let mut words = self.world(|world| {
            let phones = world.twilio.phones();
            let mut words: Vec<String> = Vec::new();
            for phone in &phones {
                words.extend(world.twilio.phone(phone).into_iter().map(|message| message.body));
            }
            let talks: Vec<u64> = world.helpscout.conversations().map(|it| it.id).collect();
            for talk in talks {
                words.extend(world.helpscout.threads(talk).into_iter().map(|thread| thread.text.clone()));
            }
            words.extend(phones.iter().map(|phone| phone.trim_start_matches(['+', ' ']).to_owned()));
            words
        });
        words.extend(secrets(&self.vars));
        words.extend(NEVER.map(str::to_owned));
        leaked(&log, &words)
    }
}

/// Values of variables whose names say that they are secret.
fn secrets(vars: &Value) -> impl Iterator<Item = String> {
    let secret = |name: &str| ["TOKEN", "SECRET", "KEYS"].iter().any(|word| name.contains(word));
    let all = vars.as_object().into_iter().flatten().filter(move |(name, _)| secret(name));
    all.filter_map(|(_, value)| value.as_str().map(str::to_owned))
}

/// The words that a log holds.
fn leaked(log: &str, words: &[String]) -> Vec<String> {
    words
        .iter()
        .filter(|word| word.len() >= SHORTEST || word.contains(' '))
        .filter(|word| log.contains(word.as_str()))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_a_line_is_found() {
        let words = ["15550100100".to_owned(), "Where do I vote?".to_owned(), "no".to_owned()];
        assert_eq!(leaked("{\"event\":\"route\",\"from\":\"+15550100100\",\"no\":1}", &words), ["15550100100"]);
        assert!(leaked("{\"event\":\"route\",\"no\":1}", &words).is_empty());
    }
}
