//! The id of a job in an object's queue (`GET /v1/jobs`): it says where the job is, to nobody but this deployment.
//!
//! `que_`, the job's number in twelve hexadecimal digits, and the hotline's inbox and the number by which its directory knows the
//! object, sealed as the places of messages are.

use super::message_id::{Sealing, opened, sealed};

/// The hotline's inbox in six bytes, and the object's number in six.
const PLACE_LEN: usize = 12;

const SEALING: Sealing = Sealing { prefix: "que_", label: b"queued job id\0" };

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuedPlace {
    /// The hotline's inbox.
    pub mailbox: u64,
    /// The object, by its number in the directory; 0 is the directory itself.
    pub object: i64,
    /// Its number in the object.
    pub job: i64,
}

impl QueuedPlace {
    /// The id, 44 characters; `None` for what no id can say.
    pub fn id(&self, account: &str) -> Option<String> {
        let [0, 0, mailbox @ ..] = self.mailbox.to_be_bytes() else { return None };
        let [0, 0, object @ ..] = self.object.to_be_bytes() else { return None };
        let place: Vec<u8> = mailbox.into_iter().chain(object).collect();
        Some(sealed(SEALING, account, self.job, &place))
    }

    /// Where the job of this id is; `None` when it is no id of ours.
    pub fn of_id(account: &str, id: &str) -> Option<Self> {
        let (job, place) = opened(SEALING, account, id)?;
        let (mailbox, object) = place.split_at_checked(6).filter(|_| place.len() == PLACE_LEN)?;
        let whole = |bytes: &[u8]| bytes.iter().fold(0_u64, |whole, byte| whole << 8 | u64::from(*byte));
        Some(Self { mailbox: whole(mailbox), object: i64::try_from(whole(object)).ok()?, job })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_and_another_account_reads_nothing() {
        let place = QueuedPlace { mailbox: 3003, object: 1_795_176_000_000, job: 1_795_176_000_007 };
        let id = place.id("AC1").unwrap();
        assert!(id.len() <= 64 && id.starts_with("que_"), "{id}");
        assert_eq!(QueuedPlace::of_id("AC1", &id), Some(place));
        for other in [id.replace("que_", "job_"), id.replace("que_0", "que_1"), "que_".to_owned(), String::new()] {
            assert_eq!(QueuedPlace::of_id("AC1", &other), None, "{other}");
        }
        assert_eq!(QueuedPlace::of_id("AC2", &id), None);
    }
}
