//! Customers with their phones and e-mail addresses (Customers endpoint pages).

use super::HelpScout;
use super::conversation_list::modified_since;
use super::json::entry;
use super::json_patch::operation;
use super::query::{Query, Wanted};
use super::records::{ConversationState, Customer, Entry};
use super::request::ApiRequest;
use super::response::{ApiError, ApiResult, created, no_content, ok, page};
use super::validation::{Validator, at, invalid};
use serde_json::{Map, Value};

/// Lengths of the Create customer page.
const SHORT: [(&str, usize); 7] = [
    ("firstName", 40),
    ("lastName", 40),
    ("photoUrl", 200),
    ("jobTitle", 60),
    ("background", 200),
    ("location", 60),
    ("organization", 60),
];
/// `type` of a phone; the e-mail page has the first three.
/// A customer with more conversations is not deleted at once (Delete customer page).
const MOST_DELETED: usize = 100;
const PHONE_TYPES: [&str; 6] = ["work", "home", "other", "mobile", "fax", "pager"];

impl HelpScout {
    /// Checks a customer inside a conversation or thread: `{id}` or `{email, …}`; a phone alone is refused.
    pub(super) fn check_customer(&self, check: &mut Validator, body: &Value, path: &str) {
        let given = at(body, path);
        if given["id"].is_null() && given["email"].is_null() {
            check.fail(path, "NotNull", "id or email is required", given);
        }
        check.id(body, &format!("{path}.id"), |id| self.records.customers.contains_key(&id));
        if given["id"].is_null() && given["email"].as_str().is_some_and(|email| !is_email(email)) {
            check.fail(&format!("{path}.email"), "email", "not a well-formed email address", &given["email"]);
        }
        for (field, most) in SHORT {
            check.short(body, &format!("{path}.{field}"), most);
        }
    }

    /// A customer that has been checked; when an e-mail address is found the other fields are ignored.
    pub(super) fn find_or_make_customer(&mut self, now: u64, given: &Value) -> Result<u64, ApiError> {
        if let Some(id) = given["id"].as_u64() {
            return Ok(id);
        }
        let email = given["email"].as_str().unwrap_or_default();
        match self.records.customer_by_email(email) {
            Some(id) => Ok(id),
            None => self.make_customer(now, given),
        }
    }

    fn make_customer(&mut self, now: u64, given: &Value) -> Result<u64, ApiError> {
        let emails = self.read_entries(given, "email", "emails", "work");
        if emails.iter().any(|email| self.records.customer_by_email(&email.value).is_some()) {
            return Err(ApiError::Conflict);
        }
        let phones = self.read_entries(given, "phone", "phones", "mobile");
        let id = self.records.next_id();
        let mut customer = Customer {
            id,
            first: String::new(),
            last: String::new(),
            emails,
            phones,
            details: Map::new(),
            created_at: now,
            updated_at: now,
        };
        take_scalars(&mut customer, given);
        self.records.customers.insert(id, customer);
        self.customer_changed(now, id);
        Ok(id)
    }

    /// Both ways of writing: one value under `single`, or a list of `{type, value}` under `list`.
    fn read_entries(&mut self, given: &Value, single: &str, list: &str, kind: &str) -> Vec<Entry> {
        let one = given[single].as_str().map(|value| (kind.to_owned(), value.to_owned()));
        let pair =
            |it: &Value| Some((it["type"].as_str().unwrap_or(kind).to_owned(), it["value"].as_str()?.to_owned()));
        let many = given[list].as_array().into_iter().flatten().filter_map(pair);
        let all: Vec<_> = one.into_iter().chain(many).collect();
        all.into_iter().map(|(kind, value)| Entry { id: self.records.next_id(), kind, value }).collect()
    }

    pub(super) fn create_customer(&mut self, now: u64, body: &Value) -> ApiResult {
        check_scalars(body)?;
        let id = self.make_customer(now, body)?;
        Ok(created(id, format!("{}/v2/customers/{id}", self.settings.api_url)))
    }

    pub(super) fn get_customer(&self, id: u64) -> ApiResult {
        let it = self.records.customers.get(&id).ok_or(ApiError::NotFound)?;
        Ok(ok(&self.view().customer(it)))
    }

    pub(super) fn list_customers(&self, now: u64, request: &ApiRequest) -> ApiResult {
        let query = request.param("query").map(Query::parse).transpose()?;
        let since = modified_since(request)?;
        let named = |param, name: &str| request.param(param).is_none_or(|wanted| name.eq_ignore_ascii_case(wanted));
        let wanted = |it: &&Customer| {
            named("firstName", &it.first)
                && named("lastName", &it.last)
                && since.is_none_or(|since| it.updated_at >= since)
                && query.as_ref().is_none_or(|query| query.holds(&|field, wanted| customer_has(it, field, wanted)))
        };
        let found: Vec<&Customer> = self.customer_index.read(now).filter(wanted).collect();
        Ok(page(request, &self.settings.api_url, "customers", 50, &found, |it| self.view().customer(it)))
    }

    /// The customer goes, with their conversations.
    pub(super) fn delete_customer(&mut self, now: u64, id: u64) -> ApiResult {
        self.records.customers.get(&id).ok_or(ApiError::NotFound)?;
        let conversations =
            self.conversations().filter(|it| it.customer == id && it.state != ConversationState::Deleted);
        let conversations: Vec<u64> = conversations.map(|it| it.id).collect();
        if conversations.len() > MOST_DELETED {
            return Err(invalid("id", "conversations", "has more than 100 conversations", &Value::from(id)));
        }
        for conversation in conversations {
            self.delete(now, conversation);
        }
        self.records.customers.remove(&id);
        self.customer_index.write(now, id, None);
        Ok(no_content())
    }

    /// PUT overwrites the scalars.
    pub(super) fn replace_customer(&mut self, now: u64, id: u64, body: &Value) -> ApiResult {
        check_scalars(body)?;
        let it = self.records.customers.get_mut(&id).ok_or(ApiError::NotFound)?;
        (it.first, it.last, it.details) = (String::new(), String::new(), Map::new());
        take_scalars(it, body);
        self.customer_changed(now, id);
        self.emit_customer(now, id);
        Ok(no_content())
    }

    /// PATCH is a JSON-Patch array, other than a conversation's (Update customer page).
    pub(super) fn patch_customer(&mut self, now: u64, id: u64, body: &Value) -> ApiResult {
        let operations = body.as_array().filter(|list| !list.is_empty());
        let operations = operations.ok_or_else(|| invalid("", "array", "expected a JSON-Patch array", &Value::Null))?;
        let mut given = Map::new();
        for patch in operations {
            let (op, path) = operation(patch)?;
            let field = path.trim_start_matches('/');
            if op != "replace" || !SHORT.iter().any(|(known, _)| *known == field) {
                return Err(invalid("path", "path", "cannot be patched", at(patch, "path")));
            }
            given.insert(field.to_owned(), at(patch, "value").clone());
        }
        let given = Value::Object(given);
        check_scalars(&given)?;
        take_scalars(self.records.customers.get_mut(&id).ok_or(ApiError::NotFound)?, &given);
        self.customer_changed(now, id);
        self.emit_customer(now, id);
        Ok(no_content())
    }

    pub(super) fn list_entries(&self, id: u64, list: &str, request: &ApiRequest) -> ApiResult {
        let it = self.records.customers.get(&id).ok_or(ApiError::NotFound)?;
        let entries = match list {
            "phones" => &it.phones,
            "emails" => &it.emails,
            _ => return Err(ApiError::NotFound),
        };
        Ok(page(request, &self.settings.api_url, list, 50, entries, entry))
    }

    pub(super) fn add_entry(&mut self, now: u64, id: u64, list: &str, body: &Value) -> ApiResult {
        let new = self.read_entry(id, list, body)?;
        let entry = self.records.next_id();
        self.entries(id, list)?.push(Entry { id: entry, ..new });
        self.customer_changed(now, id);
        Ok(created(entry, format!("{}/v2/customers/{id}/{list}/{entry}", self.settings.api_url)))
    }

    pub(super) fn replace_entry(&mut self, now: u64, id: u64, list: &str, entry: u64, body: &Value) -> ApiResult {
        let new = self.read_entry(id, list, body)?;
        let place = self.entries(id, list)?.iter_mut().find(|it| it.id == entry).ok_or(ApiError::NotFound)?;
        *place = Entry { id: entry, ..new };
        self.customer_changed(now, id);
        Ok(no_content())
    }

    pub(super) fn remove_entry(&mut self, now: u64, id: u64, list: &str, entry: u64) -> ApiResult {
        let entries = self.entries(id, list)?;
        let place = entries.iter().position(|it| it.id == entry).ok_or(ApiError::NotFound)?;
        entries.remove(place);
        self.customer_changed(now, id);
        Ok(no_content())
    }

    fn entries(&mut self, id: u64, list: &str) -> Result<&mut Vec<Entry>, ApiError> {
        let it = self.records.customers.get_mut(&id).ok_or(ApiError::NotFound)?;
        match list {
            "phones" => Ok(&mut it.phones),
            "emails" => Ok(&mut it.emails),
            _ => Err(ApiError::NotFound),
        }
    }

    fn read_entry(&mut self, id: u64, list: &str, body: &Value) -> Result<Entry, ApiError> {
        self.entries(id, list)?;
        let types = if list == "phones" { &PHONE_TYPES[..] } else { &PHONE_TYPES[..3] };
        let mut check = Validator::default();
        let value = check.text(body, "value");
        let kind = check.required_word(body, "type", types).unwrap_or_default().to_owned();
        if list == "emails" && !value.is_empty() && !is_email(&value) {
            check.fail("value", "email", "not a well-formed email address", at(body, "value"));
        }
        check.done()?;
        let taken = list == "emails" && self.records.customer_by_email(&value).is_some_and(|owner| owner != id);
        if taken { Err(ApiError::Conflict) } else { Ok(Entry { id: 0, kind, value }) }
    }

    pub(super) fn customer_changed(&mut self, now: u64, id: u64) {
        if let Some(it) = self.records.customers.get_mut(&id) {
            it.updated_at = now;
            self.customer_index.write(now, id, Some(it.clone()));
        }
    }
}

fn check_scalars(body: &Value) -> Result<(), ApiError> {
    let mut check = Validator::default();
    for (field, most) in SHORT {
        check.short(body, field, most);
    }
    check.done()
}

fn take_scalars(it: &mut Customer, given: &Value) {
    for field in SHORT.iter().map(|(field, _)| *field).chain(["gender", "age"]) {
        match (field, &given[field]) {
            (_, Value::Null) => {}
            ("firstName", value) => it.first = value.as_str().unwrap_or_default().into(),
            ("lastName", value) => it.last = value.as_str().unwrap_or_default().into(),
            (field, value) => {
                // `age` reads back as a string.
                let text = value.as_str().map_or_else(|| value.to_string(), Into::into);
                it.details.insert(field.into(), text.into());
            }
        }
    }
}

/// The query fields of the List customers page; there is none for phones.
fn customer_has(it: &Customer, field: &str, wanted: &Wanted) -> bool {
    match field {
        "firstName" => wanted.is(&it.first),
        "lastName" => wanted.is(&it.last),
        "email" => it.emails.iter().any(|email| wanted.is_in(&email.value)),
        "modifiedAt" => wanted.spans(it.updated_at),
        _ => false,
    }
}

fn is_email(text: &str) -> bool {
    /// RFC 5321, 4.5.3.1.1; a longer one is refused (helpscout-api-php, issue 247).
    const LONGEST_LOCAL_PART: usize = 64;
    text.split_once('@').is_some_and(|(name, domain)| {
        (1..=LONGEST_LOCAL_PART).contains(&name.len()) && domain.contains('.') && !domain.ends_with('.')
    })
}
