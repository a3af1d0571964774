//! The id of a program's message, of a verification, or of a job: it says where that is, to nobody but this deployment.
//!
//! `msg_`, `ver_` or `job_`, its number within the person in twelve hexadecimal digits, so that ids sort by time as strings, and the
//! hotline and the person's number, encrypted. The key is derived from the Twilio account: ids outlive every change of a
//! secret, and who may read a message is decided by the API key alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::phone::E164;
use super::signature::{Algorithm, same};

/// What distinguishes the ids of one kind from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sealing {
    /// How they begin.
    pub prefix: &'static str,
    /// What the tag is made of first, so that an id of one kind is none of another.
    pub label: &'static [u8],
}

const MESSAGE: Sealing = Sealing { prefix: "msg_", label: b"message id\0" };
const VERIFICATION: Sealing = Sealing { prefix: "ver_", label: b"verification id\0" };
const SESSION: Sealing = Sealing { prefix: "ses_", label: b"session id\0" };
const JOB: Sealing = Sealing { prefix: "job_", label: b"job id\0" };

/// Hexadecimal digits of the number: SQLite's numbers of rows stay below 2^48 for ever.
const NUMBER_DIGITS: usize = 12;

const TAG_LEN: usize = 8;

/// The hotline's inbox in six bytes, and the person's number, at most 15 digits, in seven.
const PLACE_LEN: usize = 13;

/// Where a message or a verification is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagePlace {
    /// The hotline's inbox.
    pub mailbox: u64,
    /// The person.
    pub person: E164,
    /// Its number in their object.
    pub number: i64,
}

impl MessagePlace {
    /// The id of a message, at most 44 characters; `None` for what no id can say.
    pub fn id(&self, account: &str) -> Option<String> {
        self.written(MESSAGE, account)
    }

    /// The id of a verification.
    pub fn verification_id(&self, account: &str) -> Option<String> {
        self.written(VERIFICATION, account)
    }

    /// The id of a job.
    pub fn job_id(&self, account: &str) -> Option<String> {
        self.written(JOB, account)
    }

    /// The id of a masked session.
    pub fn session_id(&self, account: &str) -> Option<String> {
        self.written(SESSION, account)
    }

    /// Where the session of this id is: with its first participant.
    pub fn of_session_id(account: &str, id: &str) -> Option<Self> {
        Self::read(SESSION, account, id)
    }

    /// Where the job of this id is.
    pub fn of_job_id(account: &str, id: &str) -> Option<Self> {
        Self::read(JOB, account, id)
    }

    /// Where the message of this id is; `None` when it is no id of ours.
    pub fn of_id(account: &str, id: &str) -> Option<Self> {
        Self::read(MESSAGE, account, id)
    }

    /// Where the verification of this id is.
    pub fn of_verification_id(account: &str, id: &str) -> Option<Self> {
        Self::read(VERIFICATION, account, id)
    }

    fn written(&self, kind: Sealing, account: &str) -> Option<String> {
        let [0, 0, mailbox @ ..] = self.mailbox.to_be_bytes() else { return None };
        let [0, person @ ..] = self.person.digits().parse::<u64>().ok()?.to_be_bytes() else { return None };
        let place: Vec<u8> = mailbox.into_iter().chain(person).collect();
        Some(sealed(kind, account, self.number, &place))
    }

    fn read(kind: Sealing, account: &str, id: &str) -> Option<Self> {
        let (number, place) = opened(kind, account, id)?;
        let (mailbox, person) = place.split_at_checked(6).filter(|_| place.len() == PLACE_LEN)?;
        let whole = |bytes: &[u8]| bytes.iter().fold(0_u64, |whole, byte| whole << 8 | u64::from(*byte));
        let person = E164::parse(&format!("+{}", whole(person)))?;
        Some(Self { mailbox: whole(mailbox), person, number })
    }
}

/// An id: its number, and a place that nobody else reads.
pub(super) fn sealed(kind: Sealing, account: &str, number: i64, place: &[u8]) -> String {
    let number = format!("{number:0NUMBER_DIGITS$x}");
    let tag = tag(kind, account, &number, place);
    let hidden = tag.iter().copied().chain(mixed(account, &number, &tag, place)).collect::<Vec<u8>>();
    [kind.prefix, &number, &URL_SAFE_NO_PAD.encode(hidden)].concat()
}

/// The number and the place of an id; `None` when it is none of this kind and this account.
pub(super) fn opened(kind: Sealing, account: &str, id: &str) -> Option<(i64, Vec<u8>)> {
    let (number, hidden) = id.strip_prefix(kind.prefix)?.split_at_checked(NUMBER_DIGITS)?;
    let hidden = URL_SAFE_NO_PAD.decode(hidden).ok()?;
    let (theirs, hidden) = hidden.split_first_chunk::<TAG_LEN>()?;
    let place = mixed(account, number, theirs, hidden);
    let is_ours = same(&tag(kind, account, number, &place), theirs);
    Some((i64::from_str_radix(number, 16).ok()?, place)).filter(|_| is_ours)
}

fn tag(kind: Sealing, account: &str, number: &str, place: &[u8]) -> [u8; TAG_LEN] {
    let whole = Algorithm::Sha256.hmac(account, &[kind.label, number.as_bytes(), place]);
    whole.first_chunk().copied().unwrap_or_default()
}

/// The place, hidden or shown again.
fn mixed(account: &str, number: &str, tag: &[u8], place: &[u8]) -> Vec<u8> {
    let stream = Algorithm::Sha256.hmac(account, &[b"place\0", number.as_bytes(), tag]);
    place.iter().zip(stream).map(|(byte, with)| byte ^ with).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ACCOUNT: &str = "AC00000000000000000000000000000000";

    fn place(mailbox: u64, person: &str, number: i64) -> MessagePlace {
        MessagePlace { mailbox, person: E164::parse(person).unwrap(), number }
    }

    #[test]
    fn ids_of_one_person_sort_by_time_and_say_nothing_to_others() {
        let ids: Vec<String> =
            [1, 2, 9, 10, 16, 255, 4096].map(|number| place(3003, "+15550100100", number).id(ACCOUNT).unwrap()).into();
        assert!(ids.is_sorted() && ids.iter().all(|id| id.len() <= 64));
        for id in &ids {
            assert_eq!(MessagePlace::of_id("AC1", id), None);
            let changed = id.replace("msg_0", "msg_1");
            assert_eq!(MessagePlace::of_id(ACCOUNT, &changed), None);
        }
        for nothing in ["", "msg_", "msg_000000000001", "msg_00000000000é", "msg_000000000001AAAA"] {
            assert_eq!(MessagePlace::of_id(ACCOUNT, nothing), None, "{nothing}");
        }
    }

    #[test]
    fn an_id_of_a_verification_is_none_of_a_message() {
        let place = place(3003, "+15550100100", 7);
        let (message, verification) = (place.id(ACCOUNT).unwrap(), place.verification_id(ACCOUNT).unwrap());
        assert_eq!(MessagePlace::of_verification_id(ACCOUNT, &verification), Some(place));
        for id in [&verification, &verification.replace("ver_", "msg_")] {
            assert_eq!(MessagePlace::of_id(ACCOUNT, id), None);
        }
        assert_eq!(MessagePlace::of_verification_id(ACCOUNT, &message.replace("msg_", "ver_")), None);
    }

    proptest! {
        #[test]
        fn an_id_leads_back(mailbox in 0..1_u64 << 48, person in "[+][1-9][0-9]{6,14}", number in 0..1_i64 << 48) {
            let place = place(mailbox, &person, number);
            let id = place.id(ACCOUNT).unwrap();
            let job = place.job_id(ACCOUNT).unwrap();
            prop_assert_eq!(MessagePlace::of_job_id(ACCOUNT, &job), Some(place.clone()));
            prop_assert_eq!(MessagePlace::of_id(ACCOUNT, &job.replace("job_", "msg_")), None);
            prop_assert_eq!(MessagePlace::of_id(ACCOUNT, &id), Some(place));
        }
    }
}
