//! The keys of other programs: the secret `API_KEYS`.
//!
//! It is JSON, `[{"id":"crm","sha256":"…","scopes":["messages:write"],"hotlines":["VOTERS"]}]`, and holds no token, only the
//! hash of each. An older form, tokens with commas between them, still opens `/v1/health`.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::settings::Settings;
use super::{HOTLINE_PREFIX, Problems, Secret, Var, paste_cleanup};
use crate::domain::signature::same;
use crate::json;

const NAME: &str = "API_KEYS";

/// The longest id, so that a name that agents see fits on a line of the sidebar.
const ID_MAX_BYTES: usize = 32;

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApiScope {
    /// Send messages, and cancel them.
    MessagesWrite,
    /// Read messages that were sent by `/v1`.
    MessagesRead,
    /// Change what is known of people, and their consent.
    PeopleWrite,
    /// Read it.
    PeopleRead,
    /// Templates.
    Templates,
    /// Verification of numbers.
    Verify,
    /// Masked numbers.
    Sessions,
    /// Events and the endpoints that get them.
    Events,
    /// How the hotlines fare, and what they have to do.
    Health,
    /// Have what was given up tried again, or drop it.
    Jobs,
}

impl ApiScope {
    /// Every scope.
    pub const ALL: [Self; 10] = [
        Self::MessagesWrite,
        Self::MessagesRead,
        Self::PeopleWrite,
        Self::PeopleRead,
        Self::Templates,
        Self::Verify,
        Self::Sessions,
        Self::Events,
        Self::Health,
        Self::Jobs,
    ];

    /// As it stands in `API_KEYS`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MessagesWrite => "messages:write",
            Self::MessagesRead => "messages:read",
            Self::PeopleWrite => "people:write",
            Self::PeopleRead => "people:read",
            Self::Templates => "templates",
            Self::Verify => "verify",
            Self::Sessions => "sessions",
            Self::Events => "events",
            Self::Health => "health",
            Self::Jobs => "jobs",
        }
    }

    /// Reads such a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// A program's key.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// The program's name, which agents see beside what it sends.
    pub id: String,
    /// SHA-256 of the whole token.
    sha256: [u8; 32],
    /// What it opens.
    pub scopes: Vec<ApiScope>,
    /// The hotlines that it may use, by the name that follows `HOTLINE_`.
    pub hotlines: Vec<String>,
    /// A key that is written as its token alone: it reads the health of the whole deployment.
    pub is_operators: bool,
}

impl ApiKey {
    /// Whether it opens this.
    pub fn has(&self, scope: ApiScope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whether it may use the hotline of this name, which follows `HOTLINE_`.
    pub fn opens(&self, hotline: &str) -> bool {
        self.hotlines.iter().any(|own| own == hotline)
    }
}

/// All keys.
#[derive(Clone, Debug, Default)]
pub struct ApiKeys(Vec<ApiKey>);

impl ApiKeys {
    /// The key of this token. Each is compared, in a time that does not tell how much was right.
    pub fn find(&self, token: &str) -> Option<&ApiKey> {
        let hash = Sha256::digest(token.as_bytes());
        self.0.iter().fold(None, |found, key| if same(&key.sha256, &hash) { Some(key) } else { found })
    }

    /// The key of this id.
    pub fn of_id(&self, id: &str) -> Option<&ApiKey> {
        self.0.iter().find(|key| key.id == id)
    }

    /// Whether any key opens this at a hotline, by the name that follows `HOTLINE_`.
    pub fn open(&self, scope: ApiScope, hotline: &str) -> bool {
        self.0.iter().any(|key| key.has(scope) && key.opens(hotline))
    }

    /// Reads `secret`. What is wrong with a key is reported and closes that key; nothing else waits for it.
    pub(super) fn read(secret: Option<&Secret>, faults: &Problems) -> Self {
        let Some(text) = secret.map(Secret::expose) else { return Self::default() };
        let Form::Entries(keys) = form(text) else { return Self(plain_tokens(text).map(of_token).collect()) };
        let mut read = Vec::new();
        for (at, entry) in keys.iter().enumerate() {
            match key(entry, at, faults) {
                Some(key) if read.iter().any(|other: &ApiKey| other.id == key.id) => {
                    faults.add(&format!("{NAME}[{at}].id"), "is another key's too; give each its own");
                }
                key => read.extend(key),
            }
        }
        Self(read)
    }

    /// Reports keys for hotlines that there are not.
    pub(super) fn refuse_unknown_hotlines(&self, vars: &[(String, Var)], faults: &Problems) {
        let is_hotline =
            |name: &str| vars.iter().any(|(variable, _)| variable.strip_prefix(HOTLINE_PREFIX) == Some(name));
        for (key, name) in self.0.iter().flat_map(|key| key.hotlines.iter().map(move |name| (key, name))) {
            if !is_hotline(name) {
                let problem = format!("key {}: there is no table HOTLINE_{name}", key.id);
                faults.add(NAME, &problem);
            }
        }
    }
}

/// Tokens in the older form, with commas between them; none when the secret is JSON.
pub(super) fn plain_tokens(secret: &str) -> impl Iterator<Item = &str> {
    let is_plain = matches!(form(secret), Form::Plain);
    secret.split(',').map(str::trim).filter(move |_| is_plain)
}

/// Reports a secret that is meant as JSON and is none.
pub(super) fn refuse_unreadable(secret: &Secret, settings: &Settings<'_>) {
    if matches!(form(secret.expose()), Form::Unreadable) {
        settings.problem(NAME, "must be a JSON list as `cargo xtask api-key new` prints its entries: [{\"id\": …}, …]");
    }
}

/// What the secret holds.
enum Form {
    /// Tokens with commas between them.
    Plain,
    /// A JSON list.
    Entries(Vec<Value>),
    /// JSON is meant, and it is no list.
    Unreadable,
}

fn form(secret: &str) -> Form {
    let text = paste_cleanup::stripped(secret);
    if !text.starts_with(['[', '{']) {
        return Form::Plain;
    }
    let keys = json::parse(text.as_bytes()).and_then(|keys| keys.as_array().cloned());
    keys.map_or(Form::Unreadable, Form::Entries)
}

fn of_token(token: &str) -> ApiKey {
    let sha256 = Sha256::digest(token.as_bytes()).into();
    ApiKey {
        id: "operator".to_owned(),
        sha256,
        scopes: vec![ApiScope::Health],
        hotlines: Vec::new(),
        is_operators: true,
    }
}

fn key(entry: &Value, at: usize, faults: &Problems) -> Option<ApiKey> {
    let problem = |field: &str, problem: &str| faults.add(&format!("{NAME}[{at}]{field}"), problem);
    let Some(entry) = entry.as_object() else {
        problem("", "must be an object with id, sha256, scopes and hotlines");
        return None;
    };
    for name in entry.keys().filter(|name| !["id", "sha256", "scopes", "hotlines"].contains(&name.as_str())) {
        problem(&format!(".{name}"), "is nothing that a key has; there are id, sha256, scopes and hotlines");
    }
    let id = entry.get("id").and_then(Value::as_str).filter(|id| is_id(id));
    if id.is_none() {
        problem(".id", "must be the program's name: small letters, digits and dashes, at most 32, such as crm");
    }
    let sha256 = entry.get("sha256").and_then(Value::as_str).and_then(sha256);
    if sha256.is_none() {
        problem(".sha256", "must be the SHA-256 of the token as 64 hexadecimal digits");
    }
    let scopes: Vec<_> = words(entry, "scopes").into_iter().map(ApiScope::parse).collect();
    if scopes.is_empty() || scopes.contains(&None) {
        let known = ApiScope::ALL.map(ApiScope::as_str).join(", ");
        problem(".scopes", &format!("must be a list of scopes; there are {known}"));
    }
    let hotlines = words(entry, "hotlines").into_iter().map(str::to_owned).collect();
    let scopes = scopes.into_iter().flatten().collect();
    Some(ApiKey { id: id?.to_owned(), sha256: sha256?, scopes, hotlines, is_operators: false })
}

/// Whether a text may be a key's id.
pub fn is_id(id: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=ID_MAX_BYTES).contains(&id.len()) && id.bytes().all(is_letter)
}

/// The texts of a list; one that is no text stands there as "".
fn words<'a>(entry: &'a Map<String, Value>, name: &str) -> Vec<&'a str> {
    let list = entry.get(name).and_then(Value::as_array);
    list.into_iter().flatten().map(|word| word.as_str().unwrap_or_default()).collect()
}

fn sha256(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(secret: &str) -> (ApiKeys, Vec<String>) {
        let faults = Problems::default();
        let keys = ApiKeys::read(Some(&Secret::from(secret)), &faults);
        (keys, faults.0.take().into_iter().map(|fault| fault.field).collect())
    }

    fn hash(token: &str) -> String {
        format!("{:x}", Sha256::digest(token.as_bytes()))
    }

    #[test]
    fn a_token_opens_what_its_key_says_and_nothing_else() {
        let entry = |id: &str, token: &str| {
            format!(r#"{{"id":"{id}","sha256":"{}","scopes":["messages:write"],"hotlines":["VOTERS"]}}"#, hash(token))
        };
        let (keys, faults) = read(&format!("[{},{}]", entry("crm", "rk_crm_1"), entry("shop", "rk_shop_2")));
        assert_eq!(faults, [] as [&str; 0]);
        let shop = keys.find("rk_shop_2").unwrap();
        assert_eq!((shop.id.as_str(), &shop.hotlines), ("shop", &vec!["VOTERS".to_owned()]));
        assert!(shop.has(ApiScope::MessagesWrite) && !shop.has(ApiScope::MessagesRead));
        for wrong in ["rk_shop_1", "rk_shop_", "", &hash("rk_shop_2")] {
            assert!(keys.find(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn tokens_of_the_older_form_open_health_alone() {
        let (keys, faults) = read("operator-key-1-of-32-random-bytes, operator-key-2-of-32-random-bytes");
        assert_eq!(faults, [] as [&str; 0]);
        let key = keys.find("operator-key-2-of-32-random-bytes").unwrap();
        assert_eq!(key.scopes, [ApiScope::Health]);
        assert!(keys.find("operator-key-1-of-32-random-bytes, operator-key-2-of-32-random-bytes").is_none());
    }

    #[test]
    fn what_is_wrong_with_a_key_is_named_and_the_others_open() {
        let good = format!(r#"{{"id":"crm","sha256":"{}","scopes":["events"],"hotlines":[]}}"#, hash("good"));
        for (entry, fields) in [
            ("5", vec![""]),
            ("{}", vec![".id", ".sha256", ".scopes"]),
            (r#"{"id":"A b","sha256":"12","scopes":["all"]}"#, vec![".id", ".sha256", ".scopes"]),
            (&good.replace("events", "event"), vec![".scopes", ".id"]),
            (&good.replace("crm", "shop").replace("hotlines", "hotline"), vec![".hotline"]),
            (&good, vec![".id"]),
        ] {
            let (keys, faults) = read(&format!("[{good},{entry}]"));
            let expected: Vec<String> = fields.iter().map(|field| format!("API_KEYS[1]{field}")).collect();
            assert_eq!(faults, expected, "{entry}");
            assert!(keys.find("good").is_some());
        }
    }
}
