//! The sidebar as the served page shows it, before the widget's wasm has come: what the widget will show, at the same
//! places and as high, and nothing in it that could be pressed.

use protocol::Timestamp;
use protocol::sidebar::{Agent, Entry, Media, Person};

use super::entry::marks;
use super::words::{self, Part};
use crate::domain::html::Html;

/// What is rendered.
pub(crate) struct Sight<'a> {
    /// Who.
    pub person: &'a Person,
    /// The last entries, oldest first.
    pub entries: &'a [Entry],
    /// Whether there are earlier ones.
    pub more: bool,
    /// The conversation beside which all of it stands.
    pub beside: u64,
    /// The agent's phone.
    pub agent: &'a Agent,
    /// The instant.
    pub now: Timestamp,
}

/// All of it.
pub(crate) fn prerender(sight: &Sight) -> Html {
    let mut page = Html::default();
    header(&mut page, sight.person);
    // What the widget says while it cannot take this place.
    page.ours("<p id=\"trouble\" class=\"trouble\" role=\"alert\" translate=\"no\"></p>");
    if sight.person.is_phone() {
        call(&mut page, sight);
    }
    log(&mut page, sight);
    write(&mut page, sight.person);
    page
}

/// A date, until the widget writes it in the agent's own way.
fn date(at: Timestamp) -> String {
    at.to_string().get(..10).unwrap_or_default().to_owned()
}

/// A time of day, until the widget writes it in the agent's own zone.
fn time_of_day(at: Timestamp) -> String {
    [at.to_string().get(11..16).unwrap_or_default(), " UTC"].concat()
}

fn date_and_time(at: Timestamp) -> String {
    [&date(at), ", ", &time_of_day(at)].concat()
}

fn sentence(page: &mut Html, parts: &[Part]) {
    for part in parts {
        match part {
            Part::Ours(words) => page.put("span", words),
            Part::Name(name) => page.put("bdi", name),
        }
    }
}

fn header(page: &mut Html, person: &Person) {
    page.ours("<header translate=\"no\"><div class=\"line\"><h1>");
    page.put("bdi", &person.readable);
    page.ours("</h1></div><p class=\"quiet\">");
    sentence(page, &words::about(person, "", date));
    page.ours("</p>");
    page.put("p class=\"warning\"", &words::opted_out(person, date));
    page.ours("</header>");
}

fn call(page: &mut Html, sight: &Sight) {
    page.ours(
        "<section translate=\"no\"><div class=\"progress\"><div><button class=\"main\" disabled>Call back</button>",
    );
    let Some(phone) = &sight.agent.phone else {
        page.ours(
            "<div class=\"form\"><div class=\"line\"><label>Your phone, which rings first</label></div><div class=\"line\"><input disabled>\
             <button class=\"plain\" disabled>Save</button></div></div></div></div></section>",
        );
        return;
    };
    page.ours("<p class=\"quiet\">");
    page.put("span", &words::rings_first(phone, sight.agent.confirmed));
    page.ours("<button class=\"link\" disabled>Change</button></p></div></div></section>");
}

fn log(page: &mut Html, sight: &Sight) {
    let conversations: Vec<Option<u64>> = sight.entries.iter().map(|it| it.conversation).collect();
    page.ours("<div id=\"log\" class=\"painted\" role=\"log\" aria-label=\"Texts and calls\" tabindex=\"0\"><div>");
    if sight.more {
        page.ours("<button class=\"link\" translate=\"no\" disabled>Earlier</button>");
    } else if sight.entries.is_empty() {
        page.put("p class=\"quiet\" translate=\"no\"", words::NOTHING_SAID);
    }
    page.ours("<ol>");
    for (it, mark) in sight.entries.iter().zip(marks(&conversations, Some(sight.beside))) {
        page.ours("<li class=\"");
        page.ours(words::class(it));
        page.ours("\">");
        if let Some(mark) = mark {
            let this = mark == sight.beside;
            page.put(
                "p class=\"mark\" translate=\"no\"",
                if this { words::THIS_CONVERSATION } else { words::ANOTHER_CONVERSATION },
            );
        }
        entry(page, sight, it);
        page.ours("</li>");
    }
    page.ours("</ol></div></div>");
}

fn entry(page: &mut Html, sight: &Sight, entry: &Entry) {
    page.ours("<div class=\"what\">");
    page.put("strong translate=\"no\"", &words::title(entry));
    page.put(
        if words::is_ours(entry) { "p dir=\"auto\" translate=\"no\"" } else { "p dir=\"auto\"" },
        &words::text(entry),
    );
    for it in &entry.media {
        media(page, it);
    }
    page.put("p dir=\"auto\"", entry.transcript.as_deref().unwrap_or_default());
    page.ours("</div><p class=\"about\" translate=\"no\">");
    page.put("span class=\"unseen\"", words::speaker(entry));
    page.ours("<span>");
    sentence(page, &words::who(entry));
    page.ours("</span>");
    page.put("time", &words::when(sight.now, entry.at, time_of_day, date_and_time));
    page.put(if entry.has_failed() { "span class=\"failed\"" } else { "span" }, &words::delivery(entry));
    page.ours("</p>");
    if words::is_worth_another_try(entry) && words::unreachable(sight.person).is_none() {
        page.ours("<button class=\"link\" translate=\"no\" disabled>Send again…</button>");
    }
}

/// The room that a picture or a recording takes; the widget fetches it.
fn media(page: &mut Html, media: &Media) {
    if media.is_picture() {
        page.ours("<div class=\"picture\"></div>");
    } else if media.is_audio() {
        page.ours("<div class=\"audio\"></div>");
    } else {
        page.put("span translate=\"no\"", &words::file(media));
    }
}

fn write(page: &mut Html, person: &Person) {
    page.ours("<section translate=\"no\">");
    if let Some(why) = words::unreachable(person) {
        page.put("p class=\"warning\"", why);
    } else {
        page.ours("<div class=\"form\">");
        page.put("label", &words::text_by(person));
        page.ours(
            "<textarea rows=\"3\" disabled></textarea><div class=\"line\"><span></span>\
             <button class=\"main\" disabled>Send</button></div></div>",
        );
    }
    page.ours("<p class=\"quiet\">");
    sentence(page, &words::reply(person, &[]));
    page.ours("</p></section>");
}

#[cfg(test)]
mod tests {
    use protocol::sidebar::Kind;

    use super::super::words::tests::{failed, said, sam};
    use super::*;

    fn prerendered(person: &Person, entries: &[Entry], more: bool, phone: &str) -> String {
        let agent = Agent { phone: (!phone.is_empty()).then(|| phone.to_owned()), confirmed: false };
        let now = Timestamp::from_second(60).unwrap();
        let sight = Sight { person, entries, more, beside: 1001, agent: &agent, now };
        prerender(&sight).as_str().to_owned()
    }

    #[test]
    fn the_last_words_are_there_before_any_script() {
        let voicemail = Entry {
            kind: Kind::Voicemail,
            transcript: Some("Please call me.".to_owned()),
            media: vec![Media { url: "x".to_owned(), mime: "audio/mpeg".to_owned() }],
            ..said("")
        };
        let page = prerendered(&sam(), &[said("Where do I vote?"), voicemail, failed(None)], true, "+15550100104");
        for shown in [
            "<h1><bdi>+1 555 010 0100</bdi></h1>",
            "Earlier</button>",
            "<p dir=\"auto\">Where do I vote?</p></div><p class=\"about\" translate=\"no\"><span class=\"unseen\">They wrote</span><span></span><time>1 min ago</time></p>",
            "<strong translate=\"no\">Voicemail</strong><div class=\"audio\"></div><p dir=\"auto\">Please call me.</p>",
            "<span class=\"failed\">Not delivered: It is a landline.</span>",
            "Your phone +1 555 010 0104 rings first. You will be asked for a code. </span>",
            "<span>Your reply in Help Scout goes to </span><bdi>+1 555 010 0100</bdi><span> as a text.</span>",
        ] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        assert_eq!(page.matches("<button").count(), page.matches(" disabled>").count() - 1, "nothing can be pressed");
    }

    #[test]
    fn script_in_a_text_is_text() {
        let evil = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>";
        let media = Media { url: evil.to_owned(), mime: evil.to_owned() };
        let person = Person { readable: evil.to_owned(), ..sam() };
        let entry =
            Entry { agent: evil.to_owned(), transcript: Some(evil.to_owned()), media: vec![media], ..failed(None) };
        let page = prerendered(&person, &[Entry { text: Some(evil.to_owned()), ..entry }], false, evil);
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        assert_eq!(page.matches("&lt;script&gt;").count(), 6, "{page}");
    }

    #[test]
    fn whoever_cannot_be_called_or_texted_is_offered_neither() {
        let acme = Person { number: "alpha:ACME".to_owned(), readable: "ACME".to_owned(), ..sam() };
        let page = prerendered(&acme, &[], false, "");
        assert!(!page.contains("Call back") && !page.contains("<textarea") && page.contains("Nothing was said yet."));
    }
}
