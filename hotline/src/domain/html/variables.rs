//! Help Scout's variables that were left over in a reply: `{%customer.firstName,fallback=there%}`. Saved replies have
//! them, and Help Scout fills them in for its mail; what is left says what it falls back to, or cannot be sent.

/// Most characters of a variable with what it falls back to; Help Scout's longest name has 30.
const LONGEST: usize = 200;

/// The text with what each variable falls back to, and the first variable that says nothing of it.
pub(super) fn filled(text: &str) -> (String, Option<String>) {
    let text = text.replace("%7B%25", "{%").replace("%7b%25", "{%").replace("%25%7D", "%}").replace("%25%7d", "%}");
    let (mut whole, mut left_over) = (String::with_capacity(text.len()), None);
    let mut rest = text.as_str();
    while let Some((before, from)) = rest.split_once("{%") {
        whole.push_str(before);
        let near = from.char_indices().nth(LONGEST).and_then(|(at, _)| from.get(..at)).unwrap_or(from);
        let Some((variable, _)) = near.split_once("%}").filter(|(inside, _)| is_variable(inside)) else {
            whole.push_str("{%");
            rest = from;
            continue;
        };
        let after = from.get(variable.len() + "%}".len()..).unwrap_or_default();
        match fallback(variable) {
            Some("") => {
                // "Hi {%…%}, thanks" is "Hi, thanks".
                whole.truncate(whole.trim_end_matches(' ').len());
                let joins =
                    after.starts_with(|c: char| c.is_whitespace() || c.is_ascii_punctuation()) || after.is_empty();
                whole.push_str(if joins || whole.is_empty() { "" } else { " " });
            }
            Some(fallback) => whole.push_str(fallback),
            None => {
                left_over.get_or_insert_with(|| ["{%", variable, "%}"].concat());
                whole.extend(["{%", variable, "%}"]);
            }
        }
        rest = after;
    }
    whole.push_str(rest);
    (whole, left_over)
}

/// Whether what stands between the marks is a variable: a name of letters, digits and points, and perhaps more.
fn is_variable(inside: &str) -> bool {
    let name = inside.split(',').next().unwrap_or_default().trim();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_part)
}

/// What it falls back to, which may be nothing and may have commas.
fn fallback(variable: &str) -> Option<&str> {
    let (_, options) = variable.split_once(',')?;
    let at = options.to_ascii_lowercase().find("fallback")?;
    let (_, value) = options.get(at..)?.split_once('=')?;
    Some(value.trim())
}
