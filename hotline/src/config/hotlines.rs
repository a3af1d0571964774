//! All hotlines: each is read alone, so that a slip in one table takes out that hotline and no other; and what no two of
//! them may share.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::hotline::Hotline;
use super::settings::refuse_oversize;
use super::{ConfigError, HOTLINE_PREFIX, Problems, Sender, Var, paste_cleanup};
use crate::json;

/// The field of a problem that is no hotline's: there is none.
pub const NO_HOTLINE_FIELD: &str = "HOTLINE_…";

/// How the problem begins of a sender or an inbox that another hotline has.
pub const ALREADY_BELONGS: &str = "already belongs to ";

/// How the problem ends of a phone of `ring` that is a hotline's own number.
pub const CALLS_ITSELF: &str = ", which would call itself";

/// A hotline whose table is wrong. Nothing is done for it until it is mended, but it is known who turns to it.
#[derive(Clone, Debug)]
pub struct RefusedHotline {
    /// As far as its table can be read; what is wrong stands there as if it were left out, and `mailbox` is then 0.
    pub hotline: Hotline,
    /// Everything that is wrong; at least one.
    pub errors: Vec<ConfigError>,
}

/// What the tables say.
#[derive(Default)]
pub(super) struct Hotlines {
    pub(super) good: Vec<Hotline>,
    pub(super) refused: Vec<RefusedHotline>,
}

/// Reads every hotline. Problems of one are its own; that there is none at all is everybody's.
pub(super) fn read_all(vars: &[(String, Var)], problems: &Problems) -> Hotlines {
    let tables = vars.iter().filter(|(name, _)| name.starts_with(HOTLINE_PREFIX));
    let read: Vec<(Hotline, Problems)> = tables.map(|(variable, var)| read(variable, var)).collect();
    if read.is_empty() {
        problems.add(NO_HOTLINE_FIELD, "is missing; there must be a table such as [vars.HOTLINE_VOTERS]");
    }
    for (at, (hotline, own)) in read.iter().enumerate() {
        let earlier = read.iter().take(at).map(|(hotline, _)| hotline);
        refuse_shared(hotline, &earlier.collect::<Vec<_>>(), own);
        refuse_rings_of_hotlines(hotline, &read, own);
    }
    let mut hotlines = Hotlines::default();
    for (hotline, own) in read {
        let errors = own.0.take();
        if errors.is_empty() {
            hotlines.good.push(hotline);
        } else {
            hotlines.refused.push(RefusedHotline { hotline, errors });
        }
    }
    hotlines
}

fn read(variable: &str, var: &Var) -> (Hotline, Problems) {
    let problems = Problems::default();
    refuse_oversize(variable, var, &problems);
    if variable == HOTLINE_PREFIX {
        problems.add(variable, "needs a name after it, such as HOTLINE_VOTERS");
    }
    let table = table(var);
    if table.is_none() {
        problems.add(variable, "must be a table in wrangler.toml, or a secret holding the same as JSON");
    }
    // What an unreadable table lacks is no further problem.
    let unheard = Problems::default();
    let heard = if table.is_some() { &problems } else { &unheard };
    let hotline = Hotline::read(variable, Fields::new(variable.to_owned(), table.unwrap_or_default(), heard));
    (hotline, problems)
}

/// A table, which a secret holds as JSON.
pub(super) fn table(var: &Var) -> Option<Map<String, Value>> {
    match var {
        Var::Text(text) => json::parse(paste_cleanup::stripped(text).as_bytes())?.as_object().cloned(),
        Var::Json(value) => value.as_object().cloned(),
    }
}

/// A hotline that rings a hotline calls itself.
fn refuse_rings_of_hotlines(hotline: &Hotline, all: &[(Hotline, Problems)], problems: &Problems) {
    let phones = hotline.ring.iter().flat_map(|ring| ring.phones.iter().enumerate());
    for (at, phone) in phones {
        if let Some((owner, _)) = all.iter().find(|(owner, _)| owner.owns(phone)) {
            let field = [&hotline.variable, ".ring.phones[", &at.to_string(), "]"].concat();
            problems.add(&field, &["is a number of ", &owner.variable, CALLS_ITSELF].concat());
        }
    }
}

fn refuse_shared(hotline: &Hotline, others: &[&Hotline], problems: &Problems) {
    let refuse = |field: &str, other: Option<&&Hotline>| {
        if let Some(other) = other {
            problems.add(&[&hotline.variable, ".", field].concat(), &[ALREADY_BELONGS, &other.variable].concat());
        }
    };
    let owner = |sender| others.iter().find(|other| other.has_sender(sender));
    refuse("mailbox", others.iter().find(|other| other.mailbox == hotline.mailbox && hotline.mailbox != 0));
    for (at, number) in hotline.numbers.iter().enumerate() {
        refuse(&["numbers[", &at.to_string(), "]"].concat(), owner(Sender::Number(number)));
    }
    if let Some(number) = &hotline.whatsapp {
        refuse("whatsapp", owner(Sender::Whatsapp(number)));
    }
    if let Some(service) = &hotline.messaging_service {
        refuse("messaging_service", owner(Sender::MessagingService(service.as_str())));
    }
}
