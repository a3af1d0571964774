//! How the name of a file ends, by its type.

/// The usual endings (Twilio, Accepted content types for media, and what WhatsApp sends; IANA, Media types, for the
/// endings).
const ENDINGS: [(&str, &str); 70] = [
    ("application/gzip", "gz"),
    ("application/json", "json"),
    ("application/msword", "doc"),
    ("application/pdf", "pdf"),
    ("application/rtf", "rtf"),
    ("application/vcard", "vcf"),
    ("application/vnd.apple.keynote", "key"),
    ("application/vnd.apple.numbers", "numbers"),
    ("application/vnd.apple.pages", "pages"),
    ("application/vnd.apple.pkpass", "pkpass"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.ms-powerpoint", "ppt"),
    ("application/vnd.oasis.opendocument.presentation", "odp"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/xml", "xml"),
    ("application/zip", "zip"),
    ("audio/3gpp", "3gp"),
    ("audio/3gpp2", "3g2"),
    ("audio/aac", "aac"),
    ("audio/ac3", "ac3"),
    ("audio/amr", "amr"),
    ("audio/amr-nb", "amr"),
    ("audio/basic", "au"),
    ("audio/l24", "l24"),
    ("audio/mp3", "mp3"),
    ("audio/mp4", "m4a"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "ogg"),
    ("audio/opus", "opus"),
    ("audio/vnd.rn-realaudio", "ra"),
    ("audio/vnd.wave", "wav"),
    ("audio/wav", "wav"),
    ("audio/webm", "weba"),
    ("audio/x-m4a", "m4a"),
    ("audio/x-wav", "wav"),
    ("image/bmp", "bmp"),
    ("image/gif", "gif"),
    ("image/heic", "heic"),
    ("image/heif", "heif"),
    ("image/jpeg", "jpg"),
    ("image/jpg", "jpg"),
    ("image/png", "png"),
    ("image/svg+xml", "svg"),
    ("image/tiff", "tiff"),
    ("image/webp", "webp"),
    ("text/calendar", "ics"),
    ("text/css", "css"),
    ("text/csv", "csv"),
    ("text/directory", "vcf"),
    ("text/html", "html"),
    ("text/plain", "txt"),
    ("text/richtext", "rtx"),
    ("text/rtf", "rtf"),
    ("text/vcard", "vcf"),
    ("text/x-vcard", "vcf"),
    ("video/3gpp", "3gp"),
    ("video/3gpp-tt", "3gp"),
    ("video/3gpp2", "3g2"),
    ("video/h261", "h261"),
    ("video/h263", "h263"),
    ("video/h264", "h264"),
    ("video/mp4", "mp4"),
    ("video/mpeg", "mpeg"),
    ("video/quicktime", "mov"),
    ("video/webm", "webm"),
    ("video/x-msvideo", "avi"),
];

/// How many characters an ending has at most; what is longer is a name with a dot in it.
const LONGEST: usize = 8;

/// The ending of a file of a type, in small letters and without parameters: that of its own name where `Content-Disposition`
/// gives one, else the usual one; `bin` where nobody knows any.
pub(crate) fn file_ending(mime: &str, disposition: &str) -> String {
    let usual = || ENDINGS.iter().find(|(known, _)| *known == mime).map_or("bin", |(_, ending)| *ending).to_owned();
    of_name(disposition).unwrap_or_else(usual)
}

/// `filename="map.pdf"` or `filename*=UTF-8''map.pdf` (RFC 6266).
fn of_name(disposition: &str) -> Option<String> {
    let name = disposition.split(';').map(str::trim).find(|part| {
        let name = part.split('=').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case("filename") || name.eq_ignore_ascii_case("filename*")
    })?;
    let (_, ending) = name.trim_end_matches(['"', ' ']).rsplit_once('.')?;
    let is_ending = (1..=LONGEST).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_ending.then(|| ending.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{ENDINGS, file_ending};

    #[test]
    fn a_file_ends_as_its_name_did_or_as_its_type_usually_does() {
        for (mime, disposition, ending) in [
            ("application/pdf", "", "pdf"),
            ("application/pdf", "inline", "pdf"),
            ("application/octet-stream", "attachment; filename=\"Lease 2.PAGES\"", "pages"),
            ("application/octet-stream", "attachment; filename*=UTF-8''Mietvertrag%20M%C3%BCller.docx", "docx"),
            ("application/octet-stream", "attachment; FileName = map.gpx ; size=3", "gpx"),
            ("application/pdf", "attachment; filename=\"no ending\"", "pdf"),
            ("application/pdf", "attachment; filename=\"Dr. Miller and his dog\"", "pdf"),
            ("application/pdf", "attachment; filename=\"../../x.p/d\"", "pdf"),
            ("application/x-unheard-of", "", "bin"),
            ("", "", "bin"),
        ] {
            assert_eq!(file_ending(mime, disposition), ending, "{mime} {disposition}");
        }
    }

    #[test]
    fn each_type_stands_there_once_and_in_small_letters() {
        assert!(ENDINGS.is_sorted_by(|(one, _), (next, _)| one < next));
        assert!(ENDINGS.iter().all(|(mime, _)| *mime == mime.to_ascii_lowercase()));
    }
}
