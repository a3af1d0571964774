//! Calls that agents ask for: whether each may be made, and every attempt as a row.

use super::agents::Agent;
use super::fraud::{self, Refused};
use super::{Scene, count};
use crate::calls::{LONGEST_TALK, Start};
use crate::effect::{Millis, Told};
use crate::phone::E164;
use crate::sidebar::{NO_SUCH_CALL, Refusal};
use crate::store::{Row, Stored, first, number, run};
use crate::twilio::lookup::Phone;
use crate::{wire, wire_struct};

pub(super) const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS callbacks (
    id TEXT PRIMARY KEY, agent INTEGER NOT NULL, at INTEGER NOT NULL, ended INTEGER NOT NULL, result TEXT NOT NULL,
    contact TEXT NOT NULL, phone TEXT NOT NULL, code TEXT NOT NULL, number TEXT NOT NULL
) STRICT, WITHOUT ROWID";

const HOUR: Millis = 3_600_000;

/// How long attempts are kept: long enough for whoever looks into a phone bill.
const KEPT: Millis = 90 * 86_400_000;

/// A call that an agent asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// The sidebar's own id of it.
    pub id: String,
    /// Help Scout's id of the agent.
    pub agent: i64,
    /// The key of the person whose conversation it is.
    pub contact: String,
    /// Four digits, for a phone that is not confirmed.
    pub code: String,
    /// What must be asked of others, once everything else allows the call.
    pub facts: Option<Facts>,
}

/// What the hotline's object does not know by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The contact's country, by Lookup.
    pub country: String,
    /// Which of our numbers the contact knows.
    pub number: String,
}

wire_struct!(Dial { id, agent, contact, code, facts });
wire_struct!(Facts { country, number });

/// Asks for a call. The answer is [`Told::Says`] with 201 and the [`Start`] for the call's object, or a refusal, or
/// [`Told::Later`] when it is asked again with its facts. The same id again has the same answer.
pub(super) fn dial(scene: &Scene, dial: &Dial) -> Stored<Told> {
    if let Some(known) = Attempt::load(scene, &dial.id)? {
        if known.start.agent != dial.agent || known.start.contact != dial.contact {
            return Ok(NO_SUCH_CALL.told());
        }
        if known.result.is_empty() {
            return Ok(known.begins());
        }
    }
    let agent = Agent::load(scene, dial.agent)?;
    let refused = refusal(scene, agent.as_ref(), dial)?;
    if refused.is_none() && dial.facts.is_none() {
        return Ok(Told::Later(0));
    }
    let (name, phone, confirmed) = agent.map_or_else(Default::default, |agent| {
        (agent.name, agent.phone.map_or_else(String::new, |phone| phone.number), agent.confirmed)
    });
    let start = Start {
        agent: dial.agent,
        agent_name: name,
        phone,
        code: if confirmed { String::new() } else { dial.code.clone() },
        contact: dial.contact.clone(),
        number: dial.facts.as_ref().map_or_else(String::new, |facts| facts.number.clone()),
    };
    let attempt = Attempt { result: refused.map_or("", |refused| refused.code).to_owned(), start };
    attempt.keep(scene, &dial.id)?;
    match refused {
        Some(refused) => {
            count(scene.store, &["call refused: ", refused.code].concat(), scene.now)?;
            Ok(refused.told())
        }
        None => Ok(attempt.begins()),
    }
}

/// Why a call may not be made; what others must be asked is looked at last.
fn refusal(scene: &Scene, agent: Option<&Agent>, dial: &Dial) -> Stored<Option<Refusal>> {
    let conflict = |code, words| Ok(Some(Refusal { status: 409, code, words }));
    let callback = scene.hotline.filter(|hotline| !hotline.numbers.is_empty());
    let Some(callback) = callback.and_then(|hotline| hotline.callback.as_ref()) else {
        return conflict("calls_off", "Calling back is not set up for this hotline.");
    };
    if E164::parse(&dial.contact).is_none() {
        return conflict("not_a_phone", "This person did not write or call from a phone number.");
    }
    let Some(phone) = agent.and_then(|agent| agent.phone.as_ref()) else {
        return conflict("no_phone", "Please say first on which phone you can be called.");
    };
    // Where the contact is, is known last; until then they count as being where the agent is.
    let country = dial.facts.as_ref().map_or(&phone.country, |facts| &facts.country).clone();
    let contact = Phone { number: dial.contact.clone(), country };
    if let Some(Refused(refused)) = fraud::may_ring(scene, phone).or_else(|| fraud::may_ring(scene, &contact)) {
        return Ok(Some(refused));
    }
    if running(scene, dial.agent, None)?.is_some() {
        return conflict("call_running", "You are in a call already.");
    }
    let sql = "SELECT COUNT(*) FROM callbacks WHERE agent = ? AND result = '' AND at > ?";
    let calls = number(scene.store, sql, &[dial.agent.into(), (scene.now - HOUR).into()])?;
    if calls >= i64::from(callback.per_agent_per_hour) {
        let words = "You have called as often as this hotline allows in an hour. Please wait a while.";
        return Ok(Some(Refusal { status: 429, code: "too_many_calls", words }));
    }
    Ok(None)
}

/// The call that an agent is in, with one person or with whomever. One whose end was never told is over when Twilio has
/// ended it.
pub(super) fn running(scene: &Scene, agent: i64, contact: Option<&str>) -> Stored<Option<String>> {
    let sql = "SELECT id FROM callbacks WHERE agent = ? AND result = '' AND ended = 0 AND at > ? \
               AND contact = coalesce(?, contact) LIMIT 1";
    let params = [agent.into(), (scene.now - LONGEST_TALK).into(), contact.into()];
    Ok(first(scene.store, sql, &params)?.map(|row| row.string(0)))
}

/// They may call again.
pub(super) fn ended(scene: &Scene, id: &str) -> Stored<()> {
    run(scene.store, "UPDATE callbacks SET ended = 1 WHERE id = ?", &[id.into()])
}

/// A call that an agent asked for.
struct Attempt {
    /// Why it was refused; empty when it was not.
    result: String,
    /// How it begins.
    start: Start,
}

impl Attempt {
    fn load(scene: &Scene, id: &str) -> Stored<Option<Self>> {
        let sql = "SELECT result, agent, name, callbacks.phone, code, contact, number FROM callbacks \
                   LEFT JOIN agents ON agents.id = agent WHERE callbacks.id = ?";
        let read = |row: Row| Self {
            result: row.string(0),
            start: Start {
                agent: row.integer(1),
                agent_name: row.string(2),
                phone: row.string(3),
                code: row.string(4),
                contact: row.string(5),
                number: row.string(6),
            },
        };
        Ok(first(scene.store, sql, &[id.into()])?.map(read))
    }

    fn keep(&self, scene: &Scene, id: &str) -> Stored<()> {
        run(scene.store, "DELETE FROM callbacks WHERE at < ?", &[(scene.now - KEPT).into()])?;
        let sql = "INSERT OR REPLACE INTO callbacks (id, agent, at, ended, result, contact, phone, code, number) \
                   VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?)";
        let start = &self.start;
        let params = [
            id.into(),
            start.agent.into(),
            scene.now.into(),
            (&self.result).into(),
            (&start.contact).into(),
            (&start.phone).into(),
            (&start.code).into(),
            (&start.number).into(),
        ];
        run(scene.store, sql, &params)
    }

    fn begins(&self) -> Told {
        Told::Says { status: 201, body: wire::write(&self.start) }
    }
}
