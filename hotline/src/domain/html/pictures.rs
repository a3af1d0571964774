//! Pictures: emoji that an editor made pictures of are words, and what shows nothing is no picture.

use super::pieces::Element;
use super::style::declarations;
use crate::domain::text::invisible::is_pictograph;

/// Attributes in which programs keep an emoji itself: all, Gmail, WhatsApp, Slack, and Gmail's older code points.
const EMOJI_ATTRIBUTES: [&str; 6] =
    ["alt", "data-emoji", "data-plain-text", "data-stringify-emoji", "aria-label", "title"];

/// Attributes in which Gmail keeps an emoji's code points.
const CODE_ATTRIBUTES: [&str; 2] = ["goomoji", "data-goomoji"];

/// Parts of the names by which programs mark a picture as an emoji: Help Scout, WordPress, Skype, Teams, forums.
const EMOJI_NAMES: [&str; 3] = ["emoji", "emoticon", "smiley"];

/// The characters that an `<img>` stands for, when it is an emoji that an editor turned into a picture.
pub(super) fn emoji(element: &Element) -> Option<String> {
    let written = |name: &&str| element.attribute(name).map(str::trim).filter(|written| !written.is_empty());
    let mut words = EMOJI_ATTRIBUTES.iter().filter_map(written);
    if is_marked(element) {
        if let Some(word) = words.next() {
            return Some(word.to_owned());
        }
    } else if let Some(emoji) = words.find(|word| is_emoji(word)) {
        return Some(emoji.to_owned());
    }
    let codes = CODE_ATTRIBUTES.iter().filter_map(written).find_map(from_codes);
    codes.or_else(|| written(&"src").filter(|src| src.contains("emoji")).and_then(from_file))
}

fn is_marked(element: &Element) -> bool {
    let is_named = |written: &str| EMOJI_NAMES.iter().any(|name| written.to_ascii_lowercase().contains(name));
    element.attribute("class").is_some_and(is_named) || element.attribute("itemtype").is_some_and(is_named)
}

fn is_emoji(word: &str) -> bool {
    let is_part = |c: char| is_pictograph(c) || c == '\u{200d}';
    let is_keycap =
        word.ends_with('\u{20e3}') && word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '#' | '*'));
    is_keycap || (word.chars().all(is_part) && word.chars().any(is_pictograph))
}

/// The emoji that a file is named after: `1f600.png`, `emoji_u1f468_200d_1f469.svg`.
fn from_file(address: &str) -> Option<String> {
    let path = address.split(['?', '#']).next()?;
    let name = path.rsplit('/').next()?.split('.').next()?;
    from_codes(name.strip_prefix("emoji_u").unwrap_or(name))
}

fn from_codes(codes: &str) -> Option<String> {
    let one = |code: &str| u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
    let emoji: String = codes.split(['-', '_']).map(one).collect::<Option<_>>()?;
    is_emoji(&emoji).then_some(emoji)
}

/// Whether a picture shows something: one that is a pixel wide or high counts readings, or keeps a distance.
pub(super) fn is_seen(element: &Element) -> bool {
    let sized = |name: &str| element.attribute(name).is_some_and(is_pixel);
    let mut styles = declarations(element.attribute("style").unwrap_or_default());
    let is_size = |name: &str| matches!(name, "width" | "height" | "max-width" | "max-height");
    !sized("width") && !sized("height") && !styles.any(|(name, value)| is_size(&name) && is_pixel(&value))
}

/// Whether a length is at most a pixel.
fn is_pixel(length: &str) -> bool {
    let length = length.trim();
    let number = length.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = length.get(number.len()..).unwrap_or_default();
    let is_unit = unit.is_empty() || unit.eq_ignore_ascii_case("px") || unit.eq_ignore_ascii_case("pt");
    number.trim().parse::<f32>().is_ok_and(|number| number <= 0.0 || (is_unit && number <= 1.0))
}
