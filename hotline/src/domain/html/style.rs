//! What an element's attributes change about how its content is seen.

use super::fonts::Family;
use super::pieces::Element;

/// What an element changes for its content; `None` leaves it as it is around it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Style {
    /// Nobody sees it: it is hidden, or an element that browsers do not show.
    pub(super) hidden: bool,
    /// Not seen itself, while an element within may be: it has no size, or is not visible.
    pub(super) unseen: Option<bool>,
    /// A line is drawn through it.
    pub(super) struck: bool,
    /// Whether line ends in the source are seen.
    pub(super) keeps_line_ends: Option<bool>,
    pub(super) font: Option<Family>,
    /// Raised or lowered.
    pub(super) shift: Option<Shift>,
    /// How the items of a list are marked.
    pub(super) marker: Option<Marker>,
    /// Word's own mark of a list item: it writes none of HTML's lists.
    pub(super) is_word_bullet: bool,
}

/// Raised or lowered characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    Up,
    Down,
}

/// How the items of a list are marked: the `type` of `<ol>`, or the CSS property `list-style-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    Nothing,
    Bullet,
    Decimal,
    LowerAlpha,
    UpperAlpha,
    LowerRoman,
    UpperRoman,
}

/// Elements that browsers do not show (HTML standard, "Hidden elements"), and `<noscript>`, shown where no script runs.
const NOT_SHOWN: [&str; 7] = ["audio", "canvas", "datalist", "noscript", "object", "template", "video"];

/// Names of CSS for the marks of lists (CSS Counter Styles).
const MARKERS: [(&str, Marker); 13] = [
    ("none", Marker::Nothing),
    ("disc", Marker::Bullet),
    ("circle", Marker::Bullet),
    ("square", Marker::Bullet),
    ("decimal", Marker::Decimal),
    ("decimal-leading-zero", Marker::Decimal),
    ("lower-alpha", Marker::LowerAlpha),
    ("lower-latin", Marker::LowerAlpha),
    ("upper-alpha", Marker::UpperAlpha),
    ("upper-latin", Marker::UpperAlpha),
    ("lower-roman", Marker::LowerRoman),
    ("upper-roman", Marker::UpperRoman),
    ("initial", Marker::Bullet),
];

impl Style {
    pub(super) fn of(element: &Element) -> Self {
        let mut look = Self { hidden: is_not_shown(element), ..Self::default() };
        match element.name() {
            "del" | "s" | "strike" => look.struck = true,
            "pre" | "textarea" | "listing" | "xmp" => look.keeps_line_ends = Some(true),
            "sup" => look.shift = Some(Shift::Up),
            "sub" => look.shift = Some(Shift::Down),
            "font" => look.font = element.attribute("face").map(Family::named),
            "ol" | "ul" | "li" => look.marker = element.attribute("type").and_then(marker_of_type),
            _ => {}
        }
        if let Some(style) = element.attribute("style") {
            look.take_style(style);
        }
        look
    }

    fn take_style(&mut self, style: &str) {
        let mut clips = false;
        let mut is_flat = false;
        for (name, value) in declarations(style) {
            match name.as_str() {
                "display" => self.hidden = value == "none",
                "visibility" => self.unseen = Some(matches!(value.as_str(), "hidden" | "collapse")),
                "font-size" => self.unseen = Some(is_zero(&value)),
                "opacity" => self.hidden |= is_zero(&value),
                "overflow" | "overflow-y" | "overflow-x" => clips = matches!(value.as_str(), "hidden" | "clip"),
                "height" | "max-height" | "width" | "max-width" => is_flat |= is_zero(&value),
                "text-decoration" | "text-decoration-line" => self.struck = value.contains("line-through"),
                "white-space" | "white-space-collapse" => self.keeps_line_ends = Some(keeps_line_ends(&value)),
                "font" | "font-family" => {
                    self.font = family(&name, &value).map(Family::named).or(self.font);
                }
                "vertical-align" => {
                    self.shift = match value.as_str() {
                        "super" => Some(Shift::Up),
                        "sub" => Some(Shift::Down),
                        "baseline" => None,
                        _ => self.shift,
                    };
                }
                "list-style" | "list-style-type" => {
                    let named = |word: &str| MARKERS.iter().find(|(name, _)| *name == word).map(|(_, marker)| *marker);
                    self.marker = value.split(' ').find_map(named).or(self.marker);
                }
                "mso-list" => self.is_word_bullet = value == "ignore",
                _ => {}
            }
        }
        self.hidden |= clips && is_flat;
    }
}

fn is_not_shown(element: &Element) -> bool {
    let is_closed = element.name() == "dialog" && element.attribute("open").is_none();
    NOT_SHOWN.contains(&element.name()) || is_closed || element.attribute("hidden").is_some()
}

fn marker_of_type(kind: &str) -> Option<Marker> {
    match kind.trim() {
        "1" => Some(Marker::Decimal),
        "a" => Some(Marker::LowerAlpha),
        "A" => Some(Marker::UpperAlpha),
        "i" => Some(Marker::LowerRoman),
        "I" => Some(Marker::UpperRoman),
        kind => {
            let kind = kind.to_ascii_lowercase();
            matches!(kind.as_str(), "disc" | "circle" | "square" | "none").then_some(if kind == "none" {
                Marker::Nothing
            } else {
                Marker::Bullet
            })
        }
    }
}

fn keeps_line_ends(value: &str) -> bool {
    ["pre", "pre-wrap", "pre-line", "break-spaces", "-moz-pre-wrap", "preserve", "preserve-breaks"]
        .iter()
        .any(|kept| value.split(' ').any(|word| word == *kept))
}

/// The first family that a declaration of a font names.
fn family<'a>(name: &str, value: &'a str) -> Option<&'a str> {
    let first = value.split(',').next().unwrap_or_default();
    if name == "font-family" {
        return Some(first);
    }
    // In the short form it follows the size: `7.0pt "Times New Roman"`.
    let is_size = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let size = first.split(' ').find(is_size)?;
    first.split_once(size).map(|(_, family)| family)
}

/// Whether a length or a share is none at all: `0`, `0px`, `0.0`.
fn is_zero(value: &str) -> bool {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    number.parse::<f32>().is_ok_and(|number| number.abs() < f32::EPSILON)
}

/// The declarations of a `style`, in lower case, each white space one space, without `!important`.
pub(super) fn declarations(style: &str) -> impl Iterator<Item = (String, String)> {
    style.split(';').filter_map(|declaration| {
        let (name, value) = declaration.split_once(':')?;
        let value = value.replace("!important", " ").to_ascii_lowercase();
        let value = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        Some((name.trim().to_ascii_lowercase(), value))
    })
}
