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

#[cfg(test)]
mod tests {
    use super::first_words;

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
