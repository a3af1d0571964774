//! The hotline's templates. A version never changes: what a template says next is a further one.

use super::StepContext;
use crate::domain::template::Template;
use crate::effects::ObjectReply;
use crate::encoding;
use crate::messages::Refused;
use crate::messages::template::{StoredTemplate, TemplateRequest};
use crate::storage::{Row, Store, Stored, first, number, run};

/// Each name with its newest version, and each version. A deleted name keeps its number, so that a later template of that
/// name goes on with the next one.
pub(super) const TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS templates (
        name TEXT PRIMARY KEY, version INTEGER NOT NULL, is_deleted INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS template_versions (
        name TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL, template TEXT NOT NULL,
        PRIMARY KEY (name, version)
    ) STRICT, WITHOUT ROWID",
];

/// How many names there may be, deleted ones too: as many as a Twilio account may have (Twilio, Content API: 6,000).
const MOST_NAMES: i64 = 6_000;

/// How many versions of a template are kept, for whoever asks what a message of some weeks ago said: one a day for as long as a
/// message may wait (35 days), and as much again. Messages under way hold what they say themselves.
const VERSIONS_KEPT: i64 = 70;

/// The newest version of a name.
struct Newest {
    is_deleted: bool,
    stored: StoredTemplate,
}

pub(super) fn answer(ctx: &StepContext, request: TemplateRequest) -> Stored<ObjectReply> {
    match request {
        TemplateRequest::Put { name, template } => put(ctx, &name, template),
        TemplateRequest::Read { name } => Ok(reply(of_use(ctx.store, &name)?)),
        TemplateRequest::Delete { name } => {
            let deleted = of_use(ctx.store, &name)?;
            run(ctx.store, "UPDATE templates SET is_deleted = 1 WHERE name = ?", &[(&name).into()])?;
            Ok(reply(deleted))
        }
    }
}

fn reply(found: Option<StoredTemplate>) -> ObjectReply {
    found.map_or(ObjectReply::NotFound, |stored| ObjectReply::Template(Box::new(stored)))
}

fn put(ctx: &StepContext, name: &str, template: Template) -> Stored<ObjectReply> {
    let version = match newest(ctx.store, name)? {
        Some(Newest { is_deleted: false, stored }) if stored.template == template => return Ok(reply(Some(stored))),
        Some(Newest { stored, .. }) => stored.version + 1,
        None if number(ctx.store, "SELECT COUNT(*) FROM templates", &[])? >= MOST_NAMES => return Ok(too_many()),
        None => 1,
    };
    let stored = StoredTemplate { version, at: ctx.now, template };
    insert(ctx.store, name, &stored)?;
    Ok(reply(Some(stored)))
}

fn too_many() -> ObjectReply {
    let words = format!("the hotline has {MOST_NAMES} names of templates, deleted ones too; change one of them");
    ObjectReply::Refused(Refused { status: 400, code: "too_many".to_owned(), words })
}

fn insert(store: &dyn Store, name: &str, stored: &StoredTemplate) -> Stored<()> {
    let (version, template) = (i64::from(stored.version), encoding::encode(&stored.template));
    let params = [name.into(), version.into(), stored.at.into(), (&template).into()];
    run(store, "INSERT INTO template_versions (name, version, at, template) VALUES (?, ?, ?, ?)", &params)?;
    let sql = "INSERT OR REPLACE INTO templates (name, version, is_deleted) VALUES (?, ?, 0)";
    run(store, sql, &[name.into(), version.into()])?;
    let oldest = [name.into(), (version - VERSIONS_KEPT).into()];
    run(store, "DELETE FROM template_versions WHERE name = ? AND version <= ?", &oldest)
}

/// What a name means for a new message.
fn of_use(store: &dyn Store, name: &str) -> Stored<Option<StoredTemplate>> {
    Ok(newest(store, name)?.filter(|newest| !newest.is_deleted).map(|newest| newest.stored))
}

fn newest(store: &dyn Store, name: &str) -> Stored<Option<Newest>> {
    let sql = "SELECT templates.is_deleted, templates.version, template_versions.at, template_versions.template \
               FROM templates JOIN template_versions USING (name, version) WHERE templates.name = ?";
    first(store, sql, &[name.into()])?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Stored<Newest> {
    let stored = StoredTemplate {
        version: u32::try_from(row.integer(1)).unwrap_or_default(),
        at: row.integer(2),
        template: row.json(3, "template_versions.template")?,
    };
    Ok(Newest { is_deleted: row.integer(0) != 0, stored })
}

#[cfg(test)]
mod tests {
    use crate::domain::template::Template;
    use crate::encoding::golden::{lacks, needs, stays};

    #[test]
    fn templates_in_rows_stay_readable() {
        let template = concat!(
            r#"{"wordings":[{"language":"en","text":"Hi {{first}}","whatsapp":{"content_sid":"HX1","variables":[["1","first"]]}}],"#,
            r#""fields":[{"name":"first","required":true,"max":40}]}"#
        );
        stays::<Template>(&[template]);
        let content = "/wordings/0/whatsapp/content_sid";
        needs::<Template>(
            template,
            &["/wordings", "/wordings/0/language", "/wordings/0/text", content, "/fields/0/name"],
        );
        lacks::<Template>(&[r#"{"wordings":[{"language":"en","text":"Hi"}]}"#]);
    }
}
