//! Characters that nobody sees. They make a text cost twice and keep it from being found, so they are taken out where
//! they mean nothing; Persian, Hebrew and emoji families need some of them.

/// What a browser shows as a gap; the wide and narrow ones also make a text cost twice as many segments.
pub(crate) fn is_space(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\n' | '\r' | '\x0c' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}'
    ) || matches!(c, '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// Never seen and never missed: controls, soft hyphens, and what editors leave behind.
fn is_unseen(c: char) -> bool {
    (c.is_control() && !is_space(c))
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffc}')
}

/// Says in which direction the text around it runs.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A letter that is written from right to left (Unicode's blocks from Hebrew on).
fn is_right_to_left(c: char) -> bool {
    let is_letter = matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
        || matches!(c, '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    is_letter && !is_direction(c)
}

/// A letter of a script in which a joiner changes the word: from right to left, of India, Myanmar, Khmer and Mongolian.
fn takes_joiners(c: char) -> bool {
    is_right_to_left(c) || matches!(c, '\u{900}'..='\u{dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18af}')
}

/// A sign that may be a part of an emoji.
pub(crate) fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{2bff}')
        || matches!(c, '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
        || is_emoji_mark(c)
}

/// Belongs to the emoji before it.
fn is_emoji_mark(c: char) -> bool {
    matches!(c, '\u{20e3}' | '\u{fe0f}' | '\u{fe0e}' | '\u{e0020}'..='\u{e007f}')
}

/// Whether nobody sees anything of a text.
pub(crate) fn is_blank(text: &str) -> bool {
    visible(text, false).chars().all(is_space)
}

/// Whether texts have letters that are written from right to left, whose signs of direction are then kept.
pub(crate) fn has_right_to_left<'a>(mut texts: impl Iterator<Item = &'a str>) -> bool {
    texts.any(|text| text.chars().any(is_right_to_left))
}

/// A text without the characters that mean nothing in it.
pub(crate) fn visible(text: &str, keep_directions: bool) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let after = rest.clone().next();
        let is_kept = match c {
            '\u{200c}' | '\u{200d}' => joins(c, before, after),
            '\u{fe00}'..='\u{fe0f}' => before.is_some_and(|before| takes_variations(before, after)),
            '\u{e0000}'..='\u{e007f}' => before.is_some_and(is_pictograph),
            c if is_direction(c) => keep_directions,
            c => !is_unseen(c),
        };
        if is_kept {
            kept.push(c);
            before = Some(c);
        }
    }
    kept
}

fn joins(joiner: char, before: Option<char>, after: Option<char>) -> bool {
    let in_script = before.into_iter().chain(after).any(takes_joiners);
    let in_emoji = joiner == '\u{200d}'
        && before.is_none_or(is_pictograph)
        && after.is_none_or(is_pictograph)
        && (before.is_some() || after.is_some());
    in_script || in_emoji
}

/// A variation selector follows signs, digits of keycaps, and letters of China and Myanmar.
fn takes_variations(before: char, after: Option<char>) -> bool {
    let is_keycap = (before.is_ascii_digit() || matches!(before, '#' | '*')) && after == Some('\u{20e3}');
    let is_letter = matches!(before, '\u{1000}'..='\u{109f}' | '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    is_keycap || is_letter || (is_pictograph(before) && !is_emoji_mark(before))
}
