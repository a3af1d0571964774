//! What the organisation's own programs may have sent from a hotline: where to, when, and how often.

use std::collections::BTreeMap;

use super::country::Country;
use super::fields::Fields;
use super::hours::time_of_day;
use crate::domain::quiet_hours::QuietHours;
use protocol::v1::Class;

/// How often messages of a class may leave for one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// At most so many,
    pub count: u32,
    /// within so many days of 24 hours.
    pub days: u32,
}

/// Limits on messages that programs send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgramMessages {
    /// Where they may go; nowhere when it is empty.
    pub countries: Vec<Country>,
    quiet: Option<(QuietHours, Vec<Class>)>,
    caps: BTreeMap<Class, Cap>,
}

impl ProgramMessages {
    /// Hours in which messages of a class wait.
    pub fn quiet_hours(&self, class: Class) -> Option<QuietHours> {
        let (hours, classes) = self.quiet.as_ref()?;
        classes.contains(&class).then_some(*hours)
    }

    /// How often messages of a class may leave; without it as often as they like.
    pub fn cap(&self, class: Class) -> Option<Cap> {
        self.caps.get(&class).copied()
    }

    /// Whether messages may go to numbers of a country (ISO 3166-1 alpha-2).
    pub fn allows_country(&self, code: &str) -> bool {
        self.countries.iter().any(|country| country.as_str() == code)
    }

    /// Reads `send_countries`, `quiet` and `cap` of a hotline's table; without countries it is the region alone.
    pub(super) fn read(hotline: &mut Fields<'_>, region: Option<&Country>) -> Self {
        let mut countries = hotline.read_list("send_countries", Country::read);
        if countries.is_empty() {
            countries.extend(region);
        }
        let quiet = hotline.table("quiet").and_then(read_quiet);
        Self { countries, quiet, caps: hotline.table("cap").map(read_caps).unwrap_or_default() }
    }
}

fn read_quiet(mut fields: Fields<'_>) -> Option<(QuietHours, Vec<Class>)> {
    let mut time = |name| {
        let time = fields.text(name).as_deref().and_then(time_of_day);
        if time.is_none() {
            fields.problem(name, "must be a time of the day, such as 21:00");
        }
        time
    };
    let times = (time("from"), time("until"));
    let mut classes = fields.list("classes", Class::read, "must be alert, service or promotion");
    if classes.is_empty() {
        classes = vec![Class::Service, Class::Promotion];
    }
    let hours = times.0.zip(times.1).map(|(from, until)| QuietHours::new(from, until));
    if hours == Some(None) {
        fields.problem("until", "must be another time than from; leave out quiet to have no quiet hours");
    }
    fields.finish();
    Some((hours??, classes))
}

fn read_caps(mut fields: Fields<'_>) -> BTreeMap<Class, Cap> {
    let mut caps = BTreeMap::new();
    for class in Class::ALL {
        caps.extend(fields.table(class.as_str()).map(|cap| (class, read_cap(cap))));
    }
    fields.finish();
    caps
}

fn read_cap(mut fields: Fields<'_>) -> Cap {
    let mut number = |name, most, such_as| {
        let number = fields.whole(name, 1..=most, 0);
        if number == 0 {
            fields.problem(name, such_as);
        }
        number
    };
    // Beyond a hundred it is no limit; no program announces what comes once in more than a year.
    let count = number("count", 100, "is missing; say how many may be sent, such as 1");
    let days = number("days", 366, "is missing; say in how many days, such as 7");
    fields.finish();
    Cap { count, days }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Problems;
    use super::*;

    /// What a table says, and what is wrong with it.
    fn read(table: Value, region: Option<&str>) -> (ProgramMessages, Vec<String>) {
        let problems = Problems::default();
        let Value::Object(table) = table else { panic!("a table") };
        let mut fields = Fields::new("HOTLINE_VOTERS".to_owned(), table, &problems);
        let messages = ProgramMessages::read(&mut fields, region.and_then(Country::parse).as_ref());
        fields.finish();
        (messages, problems.0.take().into_iter().map(|error| error.field).collect())
    }

    fn countries(messages: &ProgramMessages) -> Vec<&str> {
        messages.countries.iter().map(Country::as_str).collect()
    }

    #[test]
    fn everything_that_is_said_is_read() {
        let (messages, problems) = read(
            json!({
                "send_countries": ["US", "CA"],
                "quiet": {"from": "21:00", "until": "08:30", "classes": ["alert", "promotion"]},
                "cap": {"promotion": {"count": 1, "days": 7}, "alert": {"count": 5, "days": 1}},
            }),
            Some("MX"),
        );
        assert_eq!((countries(&messages), problems), (vec!["US", "CA"], vec![]));
        assert_eq!([messages.allows_country("CA"), messages.allows_country("MX")], [true, false]);
        let quiet = Class::ALL.map(|class| messages.quiet_hours(class).map(|hours| hours.to_string()));
        let night = Some("21:00 to 08:30".to_owned());
        assert_eq!(quiet, [night.clone(), None, night]);
        let caps = Class::ALL.map(|class| messages.cap(class).map(|cap| (cap.count, cap.days)));
        assert_eq!(caps, [Some((5, 1)), None, Some((1, 7))]);
    }

    #[test]
    fn what_is_left_out_has_the_defaults_of_the_documentation() {
        let (messages, _) = read(json!({"quiet": {"from": "00:00", "until": "06:00"}}), Some("US"));
        assert_eq!(countries(&messages), ["US"]);
        assert_eq!(Class::ALL.map(|class| messages.quiet_hours(class).is_some()), [false, true, true]);
        assert_eq!(read(json!({}), None), (ProgramMessages::default(), vec![]));
    }

    #[test]
    fn each_wrong_field_names_itself() {
        let quiet = |field: &str, value: Value| {
            let mut quiet = json!({"from": "21:00", "until": "08:00"});
            quiet[field] = value;
            json!({ "quiet": quiet })
        };
        let cap = |value: Value| json!({"cap": {"promotion": value}});
        for (table, field) in [
            (json!({"send_countries": "US"}), "send_countries"),
            (json!({"send_countries": ["US", "us"]}), "send_countries[1]"),
            (json!({"send_countries": ["US", "US"]}), "send_countries[1]"),
            (json!({"quiet": "21:00-08:00"}), "quiet"),
            (json!({"quiet": {"until": "08:00"}}), "quiet.from"),
            (quiet("from", json!("9 pm")), "quiet.from"),
            (quiet("from", json!("21:60")), "quiet.from"),
            (quiet("from", json!(21)), "quiet.from"),
            (quiet("until", Value::Null), "quiet.until"),
            (quiet("until", json!("24:00")), "quiet.until"),
            (quiet("until", json!("8:00")), "quiet.until"),
            (quiet("until", json!("21:00")), "quiet.until"),
            (quiet("classes", json!("promotion")), "quiet.classes"),
            (quiet("classes", json!(["promotion", "reply"])), "quiet.classes[1]"),
            (quiet("classes", json!(["service", "service"])), "quiet.classes[1]"),
            (quiet("zone", json!("UTC")), "quiet.zone"),
            (json!({"cap": 7}), "cap"),
            (json!({"cap": {"reply": {"count": 1, "days": 7}}}), "cap.reply"),
            (cap(json!(1)), "cap.promotion"),
            (cap(json!({"days": 7})), "cap.promotion.count"),
            (cap(json!({"count": 1})), "cap.promotion.days"),
            (cap(json!({"count": 0, "days": 7})), "cap.promotion.count"),
            (cap(json!({"count": 1, "days": 1000})), "cap.promotion.days"),
            (cap(json!({"count": 1, "days": 7, "hours": 2})), "cap.promotion.hours"),
        ] {
            let (_, problems) = read(table.clone(), Some("US"));
            assert_eq!(problems.first(), Some(&format!("HOTLINE_VOTERS.{field}")), "{table}");
            assert!(problems.iter().all(|problem| problem.ends_with(field)), "{table} {problems:?}");
        }
    }
}
