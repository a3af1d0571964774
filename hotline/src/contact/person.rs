//! What is known of a person: one row.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::addresses::{Addresses, Alias};
use super::facts_row::Facts;
use crate::config::Config;
use crate::domain::hash::fnv1a;
use crate::domain::phone::{Channel, E164, Party};
use crate::domain::signature::Algorithm;
use crate::effects::Millis;
use crate::encoding;
use crate::sidebar::person::{OptOut, Teller};
use crate::storage::{Store, Stored, first, run};

/// The row. It is written only when it has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub party: Party,
    /// The conversation in which new texts go, if there is one.
    pub conversation: Option<String>,
    /// How many threads that conversation has, as far as we know.
    pub threads: i64,
    /// The ids of the threads that we made last, in whichever conversation, newest last. A merge moves threads, and they
    /// keep their ids.
    pub recent_threads: Vec<String>,
    /// The first threads of the conversations that we made last: nobody told us their ids.
    first_threads: Vec<FirstThread>,
    /// The customer's id, where customers are known by id.
    pub customer: Option<u64>,
    /// How the last text came.
    pub channel: Channel,
    /// The number or address of ours that the person last texted or called: E.164 or `whatsapp:` address.
    /// [`super::sender::sender_of`] decides what replies leave from.
    pub sender: String,
    /// The name that WhatsApp gave.
    pub profile: Option<String>,
    /// When the first text came.
    pub since: Millis,
    /// Whether the greeting was sent, or never will be.
    pub greeted: bool,
    /// That they texted STOP, or that Twilio says so.
    pub opted_out: Option<OptOut>,
    /// The senders to which they texted START since.
    pub opted_in_senders: Vec<String>,
    /// When we told them, in the present outage, that their message may be seen late.
    pub trouble_told_at: Option<Millis>,
    /// When they last texted START, to whichever sender.
    pub opted_in_at: Option<Millis>,
    /// When we last told them that nobody took their call.
    pub missed_told_at: Option<Millis>,
    /// How the networks spell them.
    pub addresses: Addresses,
    /// Their other keys, whose objects this one has met or is about to.
    pub aliases: Vec<Alias>,
    /// The key of the object that takes what is new, when it is not this one.
    pub home: Option<String>,
    /// By then the directory wakes this object, since work was left behind.
    pub woken_by: Option<Millis>,
    /// The program's message that they answer with what they say next, if the last text that left is one.
    pub program_message: Option<i64>,
    /// The program's message that left to them last, if nothing else has left since.
    pub last_left: Option<i64>,
    /// What the hotline's directory knows of them.
    pub facts: Facts,
    /// Whether requests name their customer by its id: the record was there before the hotline, with another address.
    pub named_by_id: bool,
}

/// Adds until when the directory looks after the work that was left behind.
pub(crate) const ADD_WOKEN_BY: &str = "ALTER TABLE person ADD COLUMN woken_by INTEGER";

/// Adds which program's message is answered next.
pub(crate) const ADD_PROGRAM_MESSAGE: &str = "ALTER TABLE person ADD COLUMN program_message INTEGER";

/// Adds which program's message left last.
pub(crate) const ADD_LAST_LEFT: &str = "ALTER TABLE person ADD COLUMN last_left INTEGER";

/// Adds what is known of a person under several keys.
pub(crate) const ADD_ALIASES: [&str; 3] = [
    "ALTER TABLE person ADD COLUMN addresses TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE person ADD COLUMN aliases TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE person ADD COLUMN home TEXT",
];

/// The releases before looked for it among the entries, by their ids.
pub(crate) const ADD_MISSED: [&str; 2] = [
    "ALTER TABLE person ADD COLUMN missed INTEGER",
    "UPDATE person SET missed = (SELECT MAX(at) FROM entries WHERE id GLOB 'missed:*')",
];

/// Adds `started`, so that a late refusal as opted out (21610) does not undo a START.
pub(crate) const ADD_STARTED: &str = "ALTER TABLE person ADD COLUMN started INTEGER";

/// The first release kept them among the ids of `ledger` ([`FirstThread::of_release_0_1_0`]).
pub(crate) const ADD_FIRST_THREADS: &str = "ALTER TABLE person ADD COLUMN first_threads TEXT NOT NULL DEFAULT '[]'";

pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS person (
    id INTEGER PRIMARY KEY CHECK (id = 1), party TEXT NOT NULL, conversation TEXT, threads INTEGER NOT NULL,
    ledger TEXT NOT NULL, customer INTEGER, channel TEXT NOT NULL, sender TEXT NOT NULL, profile TEXT,
    since INTEGER NOT NULL, greeted INTEGER NOT NULL, stopped INTEGER, stopped_by TEXT, opened TEXT NOT NULL,
    troubled INTEGER
) STRICT";

const COLUMNS: &str = "party, conversation, threads, ledger, customer, channel, sender, profile, since, greeted, stopped, \
                       stopped_by, opened, troubled, started, missed, first_threads, addresses, aliases, home, woken_by, \
                       program_message, last_left, facts, named_by_id";

impl Person {
    /// Somebody of whom nothing is known yet.
    pub fn stranger(party: Party, now: Millis) -> Self {
        Self {
            party,
            conversation: None,
            threads: 0,
            recent_threads: Vec::new(),
            first_threads: Vec::new(),
            customer: None,
            channel: Channel::Sms,
            sender: String::new(),
            profile: None,
            since: now,
            greeted: false,
            opted_out: None,
            opted_in_senders: Vec::new(),
            trouble_told_at: None,
            opted_in_at: None,
            missed_told_at: None,
            addresses: Addresses::default(),
            aliases: Vec::new(),
            home: None,
            woken_by: None,
            program_message: None,
            last_left: None,
            facts: Facts::default(),
            named_by_id: false,
        }
    }

    pub fn load(store: &dyn Store) -> Stored<Option<Self>> {
        let Some(row) = first(store, &format!("SELECT {COLUMNS} FROM person"), &[])? else { return Ok(None) };
        let teller = || row.word(11, "person.stopped_by", Teller::read);
        let mut first_threads: Vec<FirstThread> = row.json(16, "person.first_threads")?;
        let mut recent_threads = words(row.text(3));
        recent_threads.retain(|word| {
            let first = FirstThread::of_release_0_1_0(word);
            let is_id = first.is_none();
            first_threads.extend(first);
            is_id
        });
        let opted_out = row.maybe_integer(10).map(|since| teller().map(|by| OptOut { since, by }));
        Ok(Some(Self {
            party: row.word(0, "person.party", Party::from_key)?,
            conversation: row.maybe_text(1),
            threads: row.integer(2),
            recent_threads,
            first_threads,
            customer: row.maybe_integer(4).and_then(|id| u64::try_from(id).ok()),
            channel: row.word(5, "person.channel", Channel::read)?,
            sender: row.string(6),
            profile: row.maybe_text(7),
            since: row.integer(8),
            greeted: row.integer(9) != 0,
            opted_out: opted_out.transpose()?,
            opted_in_senders: words(row.text(12)),
            trouble_told_at: row.maybe_integer(13),
            opted_in_at: row.maybe_integer(14),
            missed_told_at: row.maybe_integer(15),
            addresses: row.json(17, "person.addresses")?,
            aliases: row.json(18, "person.aliases")?,
            home: row.maybe_text(19),
            woken_by: row.maybe_integer(20),
            program_message: row.maybe_integer(21),
            last_left: row.maybe_integer(22),
            facts: row.json(23, "person.facts")?,
            named_by_id: row.integer(24) != 0,
        }))
    }

    pub fn save(&self, store: &dyn Store) -> Stored<()> {
        let (party, ledger, opened) =
            (self.party.key(), self.recent_threads.join(" "), self.opted_in_senders.join(" "));
        let first_threads = encoding::encode(&self.first_threads);
        let (addresses, aliases) = (encoding::encode(&self.addresses), encoding::encode(&self.aliases));
        let facts = encoding::encode(&self.facts);
        let params = [
            (&party).into(),
            (&self.conversation).into(),
            self.threads.into(),
            (&ledger).into(),
            self.customer.map(u64::cast_signed).into(),
            self.channel.as_str().into(),
            (&self.sender).into(),
            (&self.profile).into(),
            self.since.into(),
            i64::from(self.greeted).into(),
            self.opted_out.map(|it| it.since).into(),
            self.opted_out.map(|it| it.by.as_str()).into(),
            (&opened).into(),
            self.trouble_told_at.into(),
            self.opted_in_at.into(),
            self.missed_told_at.into(),
            (&first_threads).into(),
            (&addresses).into(),
            (&aliases).into(),
            (&self.home).into(),
            self.woken_by.into(),
            self.program_message.into(),
            self.last_left.into(),
            (&facts).into(),
            i64::from(self.named_by_id).into(),
        ];
        let values = ", ?".repeat(params.len());
        run(store, &format!("INSERT OR REPLACE INTO person (id, {COLUMNS}) VALUES (1{values})"), &params)
    }

    /// Their number, when it is known.
    pub fn number(&self) -> Option<E164> {
        self.party.phone().cloned().or_else(|| E164::parse(self.addresses.number.as_deref()?))
    }

    /// Their number, or that of another key of theirs.
    pub fn number_of_keys(&self) -> Option<E164> {
        let mut keys = self.aliases.iter().map(|alias| &alias.key).chain(&self.home);
        self.number().or_else(|| keys.find_map(|key| E164::parse(key)))
    }

    /// The number to dial.
    pub fn number_to_dial(&self) -> Option<E164> {
        self.addresses.dialled_from_abroad().or_else(|| self.number())
    }

    /// They have another key.
    pub fn set_alias(&mut self, key: &str, has_history: bool) {
        self.aliases.retain(|alias| alias.key != key);
        self.aliases.push(Alias { key: key.to_owned(), has_history });
    }

    /// They are erased: what is known of them goes. That they do not want to be texted stays, from which number they were, and
    /// their other keys, whose objects hear of it.
    pub fn forget(&mut self) {
        self.profile = None;
        self.addresses = Addresses::default();
        self.recent_threads.clear();
        self.first_threads.clear();
        self.greeted = false;
        self.program_message = None;
        self.named_by_id = false;
        self.leave_conversation();
    }

    /// New texts no longer go into the present conversation.
    pub fn leave_conversation(&mut self) {
        self.conversation = None;
        self.threads = 0;
    }

    /// New texts go into this conversation.
    pub fn enter_conversation(&mut self, id: &str, threads: i64) {
        self.conversation = Some(id.to_owned());
        self.threads = threads;
    }

    /// We made a thread in a conversation.
    pub fn made_thread(&mut self, conversation: &str, id: Option<String>) {
        if self.conversation.as_deref() == Some(conversation) {
            self.threads += 1;
        }
        self.recent_threads.extend(id);
        keep_latest(&mut self.recent_threads, MAX_RECENT_THREADS);
    }

    /// We made a conversation; its first thread says what `entry` says, and nobody told us that thread's id.
    pub fn made_conversation(&mut self, id: &str, entry: i64, said: &Said) {
        self.enter_conversation(id, 1);
        self.first_threads.push(FirstThread { conversation: Some(id.to_owned()), entry, said: said.hash.clone() });
        keep_latest(&mut self.first_threads, MAX_FIRST_THREADS);
    }

    /// The entries whose threads came with a conversation, are now in this one, and say this.
    pub fn first_threads(&self, conversation: &str, said: &Said) -> impl Iterator<Item = i64> {
        let here = move |first: &&FirstThread| {
            said.is_known_as(&first.said) && first.conversation.as_deref().is_none_or(|it| it == conversation)
        };
        self.first_threads.iter().filter(here).map(|first| first.entry)
    }

    /// What stood in one conversation now stands in another.
    pub fn threads_moved(&mut self, from: &str, into: &str) {
        for first in &mut self.first_threads {
            if first.conversation.as_deref() == Some(from) {
                first.conversation = Some(into.to_owned());
            }
        }
    }
}

/// How many threads are remembered: what two conversations hold at most (Help Scout, Create thread: 100). A create whose
/// answer was lost is looked for among those made since, so older ones need not be known.
const MAX_RECENT_THREADS: usize = 200;

/// The same of threads that came with their conversation. One answer is looked for during some minutes, in which nobody begins so many
/// conversations.
const MAX_FIRST_THREADS: usize = 20;

fn keep_latest<T>(threads: &mut Vec<T>, most: usize) {
    threads.drain(..threads.len().saturating_sub(most));
}

/// A thread that came with its conversation, so that nobody told us its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FirstThread {
    /// Where it is; rows of the first release do not say it.
    #[serde(default)]
    conversation: Option<String>,
    entry: i64,
    /// The hash of what it says.
    said: String,
}

impl FirstThread {
    /// The first release kept it as a word: `first:1:hash` or `first:3000000001:1:hash`.
    fn of_release_0_1_0(word: &str) -> Option<Self> {
        let mut parts = word.strip_prefix("first:")?.rsplitn(3, ':');
        let (said, entry) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        Some(Self { said, entry, conversation: parts.next().filter(|it| !it.is_empty()).map(str::to_owned) })
    }
}

/// What somebody said, as rows know it again: a hash that tells nothing of it to whoever has the rows without the secret.
pub(super) struct Said<'a> {
    words: &'a str,
    pub hash: String,
}

impl<'a> Said<'a> {
    pub fn new(config: &Config, words: &'a str) -> Self {
        let secret = config.secrets.session_secret.expose();
        let hash = Algorithm::Sha256.hmac(secret, &[b"said\0", words.as_bytes()]);
        Self { words, hash: URL_SAFE_NO_PAD.encode(hash) }
    }

    /// The first release kept a hash of 32 bits, as a number.
    fn is_known_as(&self, hash: &str) -> bool {
        hash == self.hash || hash.parse() == Ok(fnv1a(self.words))
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Var;
    use crate::encoding::golden::{lacks, needs, stays};

    #[test]
    fn first_threads_in_rows_stay_readable() {
        let threads = r#"[{"conversation":"3000000001","entry":1,"said":"hash"}]"#;
        stays::<Vec<FirstThread>>(&[threads]);
        needs::<Vec<FirstThread>>(threads, &["/0/entry", "/0/said"]);
        lacks::<Vec<FirstThread>>(&[r#"[{"entry":1,"said":"hash"}]"#]);
    }

    fn config() -> Config {
        let vars = [
            ("PUBLIC_URL", "https://hotline.example.org"),
            ("HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", "sms.example.org"),
            ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000000"),
            ("TWILIO_AUTH_TOKEN", "0123456789abcdef0123456789abcdef"),
            ("HELPSCOUT_APP_ID", "a"),
            ("HELPSCOUT_APP_SECRET", "s"),
            ("HELPSCOUT_WEBHOOK_SECRET", "w"),
            ("SESSION_SECRET", "a_session_secret_of_at_least_32_bytes"),
            ("HOTLINE_VOTERS", r#"{"name":"Voters","mailbox":3003,"numbers":["+15550100001"]}"#),
        ];
        Config::read(&vars.map(|(name, text)| (name.to_owned(), Var::Text(text.to_owned())))).unwrap()
    }

    #[test]
    fn two_texts_that_share_32_bits_are_not_taken_for_each_other() {
        let (one, other) = ("come at 58112", "come at 146000");
        assert_eq!(fnv1a(one), fnv1a(other));
        let (config, mut person) = (config(), Person::stranger(Party::Anonymous, 0));
        let firsts = |person: &Person, conversation: &str, words: &str| {
            person.first_threads(conversation, &Said::new(&config, words)).collect::<Vec<_>>()
        };
        person.made_conversation("1001", 7, &Said::new(&config, one));
        assert_eq!((firsts(&person, "1001", one), firsts(&person, "1001", other)), (vec![7], vec![]));
        person.threads_moved("1001", "1002");
        assert_eq!((firsts(&person, "1001", one), firsts(&person, "1002", one)), (vec![], vec![7]));
        // As the first release has written it, without a conversation and with one.
        let words = [format!("first:8:{}", fnv1a(one)), format!("first:1003:9:{}", fnv1a(one))];
        person.first_threads = words.iter().filter_map(|word| FirstThread::of_release_0_1_0(word)).collect();
        assert_eq!((firsts(&person, "1003", one), firsts(&person, "1001", one)), (vec![8, 9], vec![8]));
    }
}
