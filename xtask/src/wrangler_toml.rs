//! The file as wrangler reads it: UTF-8, with or without a byte order mark, with whichever line ends.
use std::fs;
use std::path::Path;
use toml::Table;

/// The configuration's usual file.
pub const NAME: &str = "wrangler.toml";

/// What wrangler looks for first when it is not told a file (Wrangler, Configuration).
const FIRST: [&str; 2] = ["wrangler.json", "wrangler.jsonc"];

/// Reads a configuration.
pub fn read(file: &Path) -> Result<Table, String> {
    let name = file.display();
    let bytes = fs::read(file).map_err(|error| format!("{name}: {error}"))?;
    let text = decode(&bytes).map_err(|problem| format!("{name}: {problem}"))?;
    // What stands in the line is not repeated: it may be a secret in the wrong place.
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        format!("{name}, line {}: {}", before.split('\n').count(), error.message())
    })
}

fn decode(bytes: &[u8]) -> Result<&str, &'static str> {
    const WANTED: &str = "is not UTF-8, which is all that wrangler reads; save it as UTF-8";
    let text = std::str::from_utf8(bytes).map_err(|_| WANTED)?;
    // Text in UTF-16 without a mark has a NUL in every other byte.
    if text.contains('\0') { Err(WANTED) } else { Ok(text.strip_prefix('\u{feff}').unwrap_or(text)) }
}

/// Another file that wrangler would read in place of this one.
pub fn read_instead(file: &Path) -> Option<&'static str> {
    let folder = file.parent()?;
    FIRST.into_iter().find(|first| file.file_name().is_some_and(|name| name == NAME) && folder.join(first).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_at_the_beginning_and_line_ends_of_windows_change_nothing() {
        let plain = "name = \"ringside\"\n[vars]\nA = \"b\"\n";
        let table: Table = plain.parse().unwrap();
        for text in [plain.to_owned(), format!("\u{feff}{plain}"), plain.replace('\n', "\r\n")] {
            assert_eq!(decode(text.as_bytes()).unwrap().parse::<Table>().unwrap(), table, "{text:?}");
        }
        let utf_16: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for other in [utf_16.clone(), [vec![0xff, 0xfe], utf_16].concat(), vec![b'a', 0xe9]] {
            assert!(decode(&other).is_err());
        }
    }
}
