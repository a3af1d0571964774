//! Media of messages, and the second host that serves them (Twilio, Media resource).

use sha2::{Digest, Sha256};

use super::json::{ApiError, empty};
use super::sids::hex;
use crate::http::{Request, Response};

/// Links to mms.twiliocdn.com live four hours (Twilio help, "How to access media files").
const LINK_LIFE_MS: u64 = 4 * 3_600_000;

/// A file that came with a message or that was fetched for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `ME…`
    pub sid: String,
    /// The message it belongs to.
    pub message_sid: String,
    /// MIME type.
    pub content_type: String,
    /// The file itself.
    pub bytes: Vec<u8>,
    /// Time of arrival, in milliseconds.
    pub created: u64,
}

/// All media of the account.
#[derive(Debug, Default)]
pub(super) struct MediaStore {
    kept: Vec<Media>,
}

impl MediaStore {
    pub(super) fn keep(&mut self, media: Media) {
        self.kept.push(media);
    }

    pub(super) fn get(&self, sid: &str) -> Option<&Media> {
        self.kept.iter().find(|media| media.sid == sid)
    }

    pub(super) fn of<'a>(&'a self, message_sid: &'a str) -> impl Iterator<Item = &'a Media> {
        self.kept.iter().filter(move |media| media.message_sid == message_sid)
    }

    pub(super) fn delete(&mut self, sid: &str) {
        self.kept.retain(|media| media.sid != sid);
    }

    pub(super) fn delete_of(&mut self, message_sid: &str) {
        self.kept.retain(|media| media.message_sid != message_sid);
    }

    /// Response of the media host: the file, for a valid link and without credentials.
    pub(super) fn serve(&self, now: u64, key: &str, request: &Request) -> Response {
        // Storage behind signed links refuses a second kind of authentication.
        if request.headers.iter().any(|(name, _)| name == "authorization") {
            return plain(400, "Only one auth mechanism allowed");
        }
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let param = |name: &str| {
            form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let sid = path.rsplit('/').next().unwrap_or_default();
        let expires: u64 = param("Expires").and_then(|value| value.parse().ok()).unwrap_or(0);
        if param("Signature").is_none_or(|given| given != seal(key, sid, expires)) || expires < now / 1000 {
            return plain(403, "Access denied");
        }
        match self.get(sid) {
            Some(media) => part(&media.content_type, &media.bytes, request),
            None => plain(404, "Not found"),
        }
    }

    /// The redirect to a short-lived link, once the file is ready.
    pub(super) fn redirect(
        &self,
        now: u64,
        ready_after_ms: u64,
        base: &str,
        account: &str,
        key: &str,
        sid: &str,
    ) -> Result<Response, ApiError> {
        let media = self
            .get(sid)
            .filter(|media| media.created + ready_after_ms <= now)
            .ok_or_else(|| ApiError::not_found(sid))?;
        let expires = (now + LINK_LIFE_MS) / 1000;
        let link = format!("{base}/{account}/{}?Expires={expires}&Signature={}", media.sid, seal(key, sid, expires));
        Ok(Response { headers: vec![("location".into(), link)], ..empty(307) })
    }
}

fn seal(key: &str, sid: &str, expires: u64) -> String {
    hex(&Sha256::digest(format!("{key}/{sid}/{expires}")), 16)
}

/// The file, or the one range of it that was asked for (RFC 9110, Range Requests), as storage behind links does.
pub(super) fn part(content_type: &str, file: &[u8], request: &Request) -> Response {
    let range = request.headers.iter().find(|(name, _)| name == "range").map(|(_, value)| value.as_str());
    let all = file.len();
    let mut headers = vec![("content-type".into(), content_type.to_owned()), ("accept-ranges".into(), "bytes".into())];
    let Some((from, to)) = range.and_then(|range| bounds(range, all)) else {
        return Response { status: 200, headers, body: file.to_vec() };
    };
    match file.get(from..to) {
        Some(bytes) if !bytes.is_empty() => {
            headers.push(("content-range".into(), format!("bytes {from}-{}/{all}", to - 1)));
            Response { status: 206, headers, body: bytes.to_vec() }
        }
        _ => Response { headers: vec![("content-range".into(), format!("bytes */{all}"))], ..plain(416, "") },
    }
}

/// From the first byte to the one after the last; `None` for what is no single range.
fn bounds(range: &str, all: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    if from.is_empty() {
        return Some((all.saturating_sub(to.parse().ok()?), all));
    }
    let end = if to.is_empty() { all } else { to.parse::<usize>().ok()?.saturating_add(1).min(all) };
    Some((from.parse().ok()?, end))
}

fn plain(status: u16, text: &str) -> Response {
    Response { status, headers: vec![("content-type".into(), "text/plain".into())], body: text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = &'static [(&'static str, &'static str)];

    fn get(target: &str, headers: Pairs) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Request { method: "GET".into(), target: target.into(), headers, body: Vec::new() }
    }

    #[test]
    fn a_link_opens_without_credentials_for_four_hours() {
        let mut media_store = MediaStore::default();
        let media = |sid: &str| Media {
            sid: sid.into(),
            message_sid: "MM1".into(),
            content_type: "image/png".into(),
            bytes: b"png".into(),
            created: 0,
        };
        media_store.keep(media("ME1"));
        let redirect = media_store.redirect(5_000, 5_000, "https://cdn.example", "AC0", "key", "ME1").unwrap();
        let link = redirect.headers[0].1.strip_prefix("https://cdn.example").unwrap();
        let other = link.replace("ME1", "ME2");
        media_store.keep(media("ME2"));
        let unsigned = link.split("&Signature").next().unwrap();
        let cases: [(&str, Pairs, u64, u16); 5] = [
            (link, &[], 5_000, 200),
            (link, &[("authorization", "Basic eDp5")], 5_000, 400),
            (link, &[], 5_000 + LINK_LIFE_MS + 1_000, 403),
            (&other, &[], 5_000, 403),
            (unsigned, &[], 5_000, 403),
        ];
        for (target, headers, now, status) in cases {
            assert_eq!(media_store.serve(now, "key", &get(target, headers)).status, status, "{target} at {now}");
        }
        assert_eq!(media_store.serve(5_000, "key", &get(link, &[])).body, b"png");
    }

    #[test]
    fn a_player_asks_for_a_part() {
        let cases: [(Pairs, u16, &str); 7] = [
            (&[], 200, "0123456789"),
            (&[("range", "bytes=2-4")], 206, "234"),
            (&[("range", "bytes=8-")], 206, "89"),
            (&[("range", "bytes=-3")], 206, "789"),
            (&[("range", "bytes=8-99")], 206, "89"),
            (&[("range", "bytes=10-")], 416, ""),
            (&[("range", "bytes=1-2,4-5")], 200, "0123456789"),
        ];
        for (range, status, body) in cases {
            let response = part("audio/ogg", b"0123456789", &get("/", range));
            assert_eq!((response.status, response.body.as_slice()), (status, body.as_bytes()), "{range:?}");
        }
    }

    #[test]
    fn a_medium_may_not_be_ready_at_once() {
        let mut media_store = MediaStore::default();
        media_store.keep(Media {
            sid: "ME1".into(),
            message_sid: "MM1".into(),
            content_type: "image/png".into(),
            bytes: vec![],
            created: 1_000,
        });
        assert_eq!(media_store.redirect(2_999, 2_000, "", "AC0", "key", "ME1").unwrap_err().status, 404);
        assert_eq!(media_store.redirect(3_000, 2_000, "", "AC0", "key", "ME1").unwrap().status, 307);
    }
}
