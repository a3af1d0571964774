//! The beginning of a text, to name it by.

/// As many whole words as fit on a line of a note.
pub(crate) fn first_words(text: &str) -> &str {
    const LINE: usize = 60;
    let text = text.trim();
    let Some((end, _)) = text.char_indices().nth(LINE) else { return text };
    let line = text.get(..end).unwrap_or(text);
    let whole = line.rfind(char::is_whitespace).and_then(|end| line.get(..end)).map(str::trim_end);
    whole.filter(|words| !words.is_empty()).unwrap_or(line)
}

/// The beginning of a text in quotation marks, with a sign where more follows.
pub(crate) fn quoted(text: &str) -> String {
    let words = first_words(text);
    let end = if words.len() < text.trim().len() { " …" } else { "" };
    format!("“{words}{end}”")
}

#[cfg(test)]
mod tests {
    use super::{first_words, quoted};

    #[test]
    fn a_quotation_says_whether_more_follows() {
        assert_eq!(quoted(" Yes. "), "“Yes.”");
        assert_eq!(quoted(&"ü".repeat(61)), format!("“{} …”", "ü".repeat(60)));
    }

    #[test]
    fn first_words_are_whole_and_fit_on_a_line() {
        let long = "one two three four five six seven eight nine ten eleven twelve thirteen";
        for (text, first) in [
            ("", ""),
            (" Yes. ", "Yes."),
            (long, "one two three four five six seven eight nine ten eleven"),
            ("two\n\nlines", "two\n\nlines"),
        ] {
            assert_eq!(first_words(text), first);
        }
        assert_eq!(first_words(&"ü".repeat(100)), "ü".repeat(60));
    }
}
