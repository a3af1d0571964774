//! Which time zones a number may be in: by its area code, or else by its country.

use super::numbering;
use super::phone::E164;

/// From IANA's zone.tab and libphonenumber's time zones, releases 2026f and 9.0.43, by `xtask/area_zones.py`. Each line has a
/// country, zones joined by commas, and the digits that the numbers of these zones begin with; without digits it is the whole
/// country.
const ZONES: &str = include_str!("area_zones.txt");

/// A line of a country: its zones, and what numbers of them begin with.
type Line = (&'static str, std::str::SplitWhitespace<'static>);

/// The lines of a number's country.
fn lines(number: &E164) -> impl Iterator<Item = Line> {
    let country = numbering::country(number);
    ZONES.lines().filter_map(move |line| {
        let mut words = line.split_whitespace();
        let is_its = words.next() == country;
        Some((words.next()?, words)).filter(|_| is_its)
    })
}

/// All zones of the number's country, one for each clock in it; none when it has no country.
pub fn of_country(number: &E164) -> Vec<&'static str> {
    let zones = lines(number).find_map(|(zones, mut areas)| areas.next().is_none().then_some(zones));
    zones.into_iter().flat_map(|zones| zones.split(',')).collect()
}

/// The zones of the number's area, where the number tells more than that it is somewhere in a country of several zones: a
/// country of one zone is one area. A mobile tells its area in few countries.
pub fn of_area(number: &E164) -> Option<Vec<&'static str>> {
    let areas = lines(number).flat_map(|(zones, areas)| areas.map(move |area| (area, zones)));
    let longest = areas.filter(|(area, _)| number.digits().starts_with(area)).max_by_key(|(area, _)| area.len());
    match longest {
        Some((_, zones)) => Some(zones.split(',').collect()),
        None => Some(of_country(number)).filter(|zones| zones.len() == 1),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZoneDatabase;

    use super::*;

    fn number(text: &str) -> E164 {
        E164::parse(text).unwrap()
    }

    #[test]
    fn an_area_code_tells_the_zones_that_its_numbers_may_be_in() {
        for (text, expected) in [
            ("+12125550100", Some("America/New_York")),
            ("+13125550100", Some("America/Chicago")),
            ("+16025550100", Some("America/Phoenix")),
            ("+18085550100", Some("Pacific/Honolulu")),
            ("+14165550100", Some("America/Toronto")),
            // Two zones meet in the west of Florida, in Nebraska and in Oregon.
            ("+18505550100", Some("America/New_York America/Chicago")),
            ("+13085550100", Some("America/Chicago America/Denver")),
            ("+15415550100", Some("America/Denver America/Los_Angeles")),
            // No area of this number is known, nor of those that belong to no place.
            ("+15550100100", None),
            ("+18005550100", None),
            // Countries of one zone.
            ("+17875550100", Some("America/Puerto_Rico")),
            ("+447700900123", Some("Europe/London")),
            ("+4930123456", Some("Europe/Berlin")),
            ("+2348012345678", Some("Africa/Lagos")),
            // Mobiles without an area, and with one.
            ("+34612345678", None),
            ("+61412345678", None),
            ("+79161234567", None),
            ("+5568999123456", Some("America/Rio_Branco")),
            ("+34922123456", Some("Atlantic/Canary")),
            ("+61291234567", Some("Australia/Lord_Howe Australia/Sydney")),
            ("+882161234567", None),
            ("+99912345678", None),
        ] {
            let zones = of_area(&number(text)).map(|zones| zones.join(" "));
            assert_eq!(zones.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_country_has_a_zone_for_each_of_its_clocks() {
        for (text, first, count) in [
            ("+15550100100", Some("America/New_York"), 8),
            ("+14165550100", Some("America/St_Johns"), 12),
            ("+61412345678", Some("Australia/Lord_Howe"), 7),
            ("+447700900123", Some("Europe/London"), 1),
            ("+882161234567", None, 0),
        ] {
            let zones = of_country(&number(text));
            assert_eq!((zones.first().copied(), zones.len()), (first, count), "{text}");
        }
    }

    #[test]
    fn every_country_has_zones_and_every_zone_is_known() {
        for example in include_str!("numbering_examples.txt").lines().filter_map(|line| line.rsplit(' ').next()) {
            let number = E164::parse(example);
            let has_country = number.as_ref().is_some_and(|number| numbering::country(number).is_some());
            assert!(number.is_none_or(|number| !has_country || !of_country(&number).is_empty()), "{example}");
        }
        let zones = ZONES.lines().filter_map(|line| line.split_whitespace().nth(1)).flat_map(|zones| zones.split(','));
        let unknown: Vec<_> = zones.filter(|zone| TimeZoneDatabase::bundled().get(zone).is_err()).collect();
        assert_eq!(unknown, [] as [&str; 0]);
    }
}
