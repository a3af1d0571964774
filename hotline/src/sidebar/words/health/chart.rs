//! Two weeks as bars, and the same in words and numbers for who does not see them.

use protocol::health::Day;

use super::counted;

/// The heights of a day's two bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bars {
    /// Texts, to and fro.
    pub texts: u32,
    /// Calls, to and fro.
    pub calls: u32,
}

fn texts(day: &Day) -> u32 {
    day.texts_in.saturating_add(day.texts_out)
}

fn calls(day: &Day) -> u32 {
    day.calls_in.saturating_add(day.calls_out)
}

/// The most of one kind on one day.
fn most(days: &[Day]) -> u32 {
    days.iter().flat_map(|day| [texts(day), calls(day)]).max().unwrap_or_default()
}

/// The bars of each day, the highest as high as this. What happened once is seen, however much happened on other days.
pub fn bars(days: &[Day], height: u32) -> Vec<Bars> {
    let most = u64::from(most(days).max(1));
    let scaled = |count: u32| {
        let scaled = (u64::from(count) * u64::from(height)).div_ceil(most);
        u32::try_from(scaled).unwrap_or(height)
    };
    days.iter().map(|day| Bars { texts: scaled(texts(day)), calls: scaled(calls(day)) }).collect()
}

/// What the bars show.
pub fn summary(days: &[Day]) -> String {
    let all = |of: fn(&Day) -> u32| days.iter().map(|day| u64::from(of(day))).sum::<u64>();
    let (all_texts, all_calls) = (all(texts), all(calls));
    let text = counted(all_texts, "text", "texts");
    let call = counted(all_calls, "call", "calls");
    format!("{text} and {call} in {} days", days.len())
}

/// What stands below the bars: the first day, how high the highest bar is, and the last day.
pub fn legend(days: &[Day]) -> [String; 3] {
    let name = |day: Option<&Day>| day.map_or(String::new(), |it| day_name(&it.day));
    let most = match most(days) {
        0 => String::new(),
        most => format!("highest: {most}"),
    };
    [name(days.first()), most, name(days.last())]
}

/// A day of the table: its name, texts, calls, voicemails.
pub fn row(day: &Day) -> [String; 4] {
    let both = |(came, went): (u32, u32)| match (came, went) {
        (0, 0) => "0".to_owned(),
        _ => format!("{came} in, {went} out"),
    };
    let (texts, calls) = ((day.texts_in, day.texts_out), (day.calls_in, day.calls_out));
    [day_name(&day.day), both(texts), both(calls), day.voicemails.to_string()]
}

/// `2026-11-28` as `Nov 28`; what is no date, as it is.
fn day_name(day: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = day.split('-').skip(1).map(|part| part.parse::<usize>().ok());
    let (month, date) = (parts.next().flatten(), parts.next().flatten());
    let month = month.and_then(|month| MONTHS.get(month.checked_sub(1)?));
    month.zip(date).map_or_else(|| day.to_owned(), |(month, date)| format!("{month} {date}"))
}
