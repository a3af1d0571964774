//! Character references (`&amp;`, `&#8217;`) back to characters.

use std::borrow::Cow;

/// HTML's names of the characters from U+00A0 to U+00FF, in the order of their numbers.
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 \
     sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring \
     AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times \
     Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute \
     ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml \
     yacute thorn yuml";

/// Other names that editors write, each followed by its character.
const OTHERS: &str = "amp& lt< gt> quot\" apos' hellip… mdash— ndash– lsquo‘ rsquo’ sbquo‚ ldquo“ rdquo” bdquo„ bull• euro€ \
     trade™ larr← rarr→ uarr↑ darr↓ lsaquo‹ rsaquo› dagger† prime′ Prime″ minus− ne≠ le≤ ge≥ hearts♥ OElig\u{152} \
     oelig\u{153} Scaron\u{160} scaron\u{161} Yuml\u{178} ensp\u{2002} emsp\u{2003} thinsp\u{2009} zwnj\u{200c} zwj\u{200d}";

/// What numbers 128 to 159 mean (HTML standard, numeric character reference end state: Windows-1252).
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// How far to look for the `;`: longer than any name here and any number with a few leading zeros.
const LONGEST: usize = 16;

/// Replaces the references that end in `;`; everything else, as in `AT&T` or `?a=1&copy=2`, stays.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        rest = if let Some((c, after)) = reference(after) {
            decoded.push(c);
            after
        } else {
            decoded.push('&');
            after
        };
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

fn reference(text: &str) -> Option<(char, &str)> {
    let end = text.bytes().take(LONGEST).position(|b| b == b';')?;
    let (name, rest) = (text.get(..end)?, text.get(end + 1..)?);
    let c = match name.strip_prefix('#') {
        Some(number) => numbered(number)?,
        None => named(name)?,
    };
    Some((c, rest))
}

fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let c = match u32::from_str_radix(digits, radix) {
        Ok(code @ 0x80..=0x9f) => WINDOWS_1252.chars().nth(code as usize - 0x80),
        Ok(0) | Err(_) => None,
        Ok(code) => char::from_u32(code),
    };
    Some(c.unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn named(name: &str) -> Option<char> {
    if let Some(at) = LATIN_1.split(' ').position(|known| known == name) {
        return char::from_u32(0xa0 + u32::try_from(at).ok()?);
    }
    OTHERS.split(' ').find_map(|known| {
        let mut value = known.strip_prefix(name)?.chars();
        value.next().filter(|c| value.next().is_none() && !c.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_what_a_browser_shows() {
        for (html, text) in [
            ("Tom &amp; Jerry", "Tom & Jerry"),
            ("&lt;b&gt; &quot;&apos;&#39;", "<b> \"''"),
            ("&nbsp;&yuml;&szlig;&Agrave;&deg;&eacute;", "\u{a0}ÿßÀ°é"),
            (
                "&hellip;&mdash;&ndash;&lsquo;&rsquo;&ldquo;&rdquo;&bull;&middot;&copy;&reg;&trade;&euro;",
                "…—–‘’“”•·©®™€",
            ),
            ("&#8217;&#x2019;&#X2019;&#128512;&#x1F600;", "’’’😀😀"),
            ("&#146;&#128;", "’€"),
            ("&#0;&#xD800;&#1114112;&#99999999999;", "����"),
            ("&amp;lt;", "&lt;"),
        ] {
            assert_eq!(decode(html), text);
        }
    }

    #[test]
    fn an_ampersand_that_names_nothing_stays() {
        for text in [
            "AT&T",
            "a & b;",
            "&;",
            "&#;",
            "&#x;",
            "&#+5;",
            "&nosuch;",
            "&am;",
            "&ampx;",
            "?a=1&copy=2",
            "&",
            "&é;",
            "&hellip",
        ] {
            assert_eq!(decode(text), text);
        }
    }
}
