//! Earlier mail that only its words mark: "On Monday … wrote:", "-----Original Message-----", a block of "From:" and
//! "Subject:". Plain text has nothing else, and some programs mark their HTML no better.

use super::quote_words::{BEGINNINGS, DIVIDERS, FROM, ONLY_LAST, OWN_WORDS, SENT, SUBJECT, WROTE};

/// Lines of the block above a mail: From, Sent, Date, To, Cc, Subject, Priority, Attachments; addresses may take more.
const LINES_OF_BLOCK: usize = 10;

/// Lines in which it is said who wrote: programs break them at 78 characters.
const LINES_OF_WROTE: usize = 3;

/// Most characters of the lines that say who wrote; names and addresses are at most this long together.
const LONGEST_WROTE: usize = 300;

/// The text without earlier mail that its own words mark, which goes to its end.
pub(super) fn without_quotation(text: &str) -> &str {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut start = 0;
    for (at, line) in lines.iter().enumerate() {
        let rest = lines.get(at..).unwrap_or_default();
        if is_divider(line) || is_block(rest) || begins_quotation(rest) {
            let before = kept(text, start);
            return if before.is_empty() { below_quotation(rest, text) } else { before };
        }
        start += line.len() + 1;
    }
    text
}

/// What stands below lines that are quoted with `>`, if those are all there is before it.
fn below_quotation<'a>(lines: &[&str], text: &'a str) -> &'a str {
    let is_quoted = |line: &&str| line.starts_with('>');
    let Some(first) = lines.iter().position(is_quoted) else { return "" };
    let quoted = lines.iter().skip(first).take_while(|line| is_quoted(line) || line.is_empty()).count();
    let below: usize = lines.iter().skip(first + quoted).map(|line| line.len() + 1).sum();
    text.get((text.len() + 1).saturating_sub(below)..).unwrap_or_default()
}

/// What precedes the earlier mail, without a line drawn above it.
fn kept(text: &str, end: usize) -> &str {
    const SHORTEST_LINE: usize = 5;
    let before = text.get(..end).unwrap_or_default().trim_end();
    let (above, last) = before.rsplit_once('\n').unwrap_or(("", before));
    let is_drawn = last.len() >= SHORTEST_LINE && last.chars().all(|c| matches!(c, '_' | '-' | '=' | '*'));
    if is_drawn { above.trim_end() } else { before }
}

/// The text without a last line that says who wrote what an element quotes after it.
pub(super) fn without_attribution(text: &str) -> &str {
    let mut start = text.len();
    let mut taken = String::new();
    let mut cut = None;
    for line in text.rsplit('\n').take(LINES_OF_WROTE) {
        start = start.saturating_sub(line.len());
        let is_last = taken.is_empty();
        taken = [line, " ", &taken].concat();
        if line.is_empty() || taken.chars().count() > LONGEST_WROTE {
            break;
        }
        // It may go over several lines, of which the first has the date: `On Monday, May 4` and `Ann wrote:`.
        if (is_last || opens(line)) && says_who_wrote(taken.trim()) {
            cut = Some(start);
        }
        start = start.saturating_sub(1);
    }
    cut.and_then(|cut| text.get(..cut)).map_or(text, str::trim_end)
}

/// Whether the words that say who wrote may begin with this line and go on in the next.
fn opens(line: &str) -> bool {
    let lower_case = line.to_lowercase();
    let begins = BEGINNINGS.iter().any(|beginning| lower_case.starts_with(beginning));
    let has_digit = line.contains(|c: char| c.is_ascii_digit());
    let is_sentence = line.ends_with(['.', '!', '?']) && !begins && !line.contains('@');
    ((begins && has_digit) || has_date(line) || line.contains('@')) && !is_sentence
}

/// Whether words say that somebody wrote what follows: "Ann wrote:", "… schrieb Ann:", "May 4, 2026 <ann@example.org>:".
fn says_who_wrote(words: &str) -> bool {
    let Some(words) = words.strip_suffix(':').or_else(|| words.strip_suffix('：')) else { return false };
    let words = words.trim_end().to_lowercase();
    if OWN_WORDS.iter().any(|own| words.ends_with(own)) {
        return false;
    }
    // In many languages the name follows: "Am 4. Mai schrieb Ann".
    let begins = || words.contains('@') || BEGINNINGS.iter().any(|beginning| words.starts_with(beginning));
    WROTE
        .iter()
        .any(|wrote| words.ends_with(wrote) || (!ONLY_LAST.contains(wrote) && has_words(&words, wrote) && begins()))
        || (has_date(&words) && words.contains('@') && words.ends_with('>'))
}

fn has_words(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + words.len()..).and_then(|after| after.chars().next());
        !before.into_iter().chain(after).any(char::is_alphabetic)
    })
}

/// Whether a line says with a date who wrote what follows. Lines that follow it need no mark of a quotation: Yahoo and
/// others put none.
fn begins_quotation(lines: &[&str]) -> bool {
    let mut taken = String::new();
    for line in lines.iter().take(LINES_OF_WROTE) {
        let is_first = taken.is_empty();
        taken = [taken.as_str(), line.trim_start_matches("> "), " "].concat();
        if line.is_empty() || taken.chars().count() > LONGEST_WROTE {
            return false;
        }
        if taken.trim_end().ends_with([':', '：']) {
            let begins_later = !is_first && has_date(line) && says_who_wrote(line);
            return has_date(&taken) && says_who_wrote(taken.trim()) && !begins_later;
        }
        if is_first && !opens(line) {
            return false;
        }
    }
    false
}

/// A date with its year or an hour, so that "You wrote in your mail of May 4:" is none. Numbers in addresses are none.
fn has_date(words: &str) -> bool {
    let words = words.split_whitespace().filter(|word| !word.contains('@'));
    let numbers = words.flat_map(|word| word.split(|c: char| !c.is_ascii_digit()));
    let (mut few, mut year) = (0, false);
    for number in numbers.filter(|number| !number.is_empty()) {
        few += usize::from(number.len() <= 2);
        year |= number.len() == 4;
    }
    (year && few >= 1) || few >= 3
}

fn is_divider(line: &str) -> bool {
    let bare = line.trim_matches(|c: char| matches!(c, '-' | '_' | '=' | '*' | '#' | '–' | '—') || c.is_whitespace());
    // Two on each side at the least, of which Samsung and Outlook have more.
    line.len() >= bare.len() + 4 && DIVIDERS.contains(&bare.to_lowercase().as_str())
}

/// The block that names a mail's author, when it was sent, and its subject, in the order of the program.
fn is_block(lines: &[&str]) -> bool {
    let names_sender = |line: &&&str| is_named(line, FROM) || is_named(line, SENT);
    if lines.first().is_none_or(|first| !names_sender(&first)) {
        return false;
    }
    let block = || lines.iter().take(LINES_OF_BLOCK).take_while(|line| !line.is_empty());
    [FROM, SENT, SUBJECT].iter().all(|names| block().any(|line| is_named(line, names)))
}

fn is_named(line: &str, names: &[&str]) -> bool {
    let line = line.trim_start_matches("> ").trim_start_matches('*');
    let Some((name, _)) = line.split_once([':', '：']) else { return false };
    names.contains(&name.trim_matches(['*', ' ']).to_lowercase().as_str())
}
