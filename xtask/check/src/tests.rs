//! Slips in the file that ships, and what is said of each.
use super::*;

const SHIPPED: &str = include_str!("../../../wrangler.toml");

fn fields(config: &str) -> Vec<String> {
    problems(&config.parse().unwrap()).into_iter().map(|problem| problem.field).collect()
}

#[test]
fn the_shipped_file_has_nothing_wrong() {
    assert_eq!(problems(&SHIPPED.parse().unwrap()), []);
}

#[test]
fn one_slip_is_one_problem_by_the_name_of_its_field() {
    let long = format!("greeting = \"{}\"", "Thanks. ".repeat(700));
    let traces = "invocation_logs = false\n[observability.traces]\nenabled = true";
    for (right, wrong, field) in [
        ("class_name = \"Gate\"", "class_name = \"Gates\"", "durable_objects.bindings"),
        ("name = \"GATE\"", "name = \"CALL\"", "durable_objects.bindings"),
        ("[exports.Gate]", "[exports.Gates]", "exports.Gate"),
        ("invocation_logs = false", "invocation_logs = true", "observability.logs.invocation_logs"),
        ("invocation_logs = false", traces, "observability.traces.enabled"),
        ("[vars]", "[vars]\nTWILIO_AUTH_TOKEN_NEXT = \"open\"", "TWILIO_AUTH_TOKEN_NEXT"),
        ("[vars]", "[vars]\nTWILLIO = \"\"\nTWILIO_URL = \"\"", "TWILIO_URL"),
        ("mailbox = 3003", "mailbox = \"3003\"", "HOTLINE_VOTERS.mailbox"),
        ("blocked =", "bloked =", "HOTLINE_VOTERS.bloked"),
        ("America/New_York", "America/New_Yorck", "HOTLINE_VOTERS.hours.time_zone"),
        ("except = [\"2026-12-25\"]", "except = [2026-12-25]", "HOTLINE_VOTERS.hours.except[0]"),
        ("region = \"US\"", "region = \"UK\"", "HOTLINE_VOTERS.region"),
        ("greeting = \"Thanks, we got your message and will get back to you soon.\"", &long, "HOTLINE_VOTERS"),
        ("directory = \"static\"", "directory = \"public\"", "assets.directory"),
        ("command = \"cargo xtask build\"", "command = \"npm run build\"", "build.command"),
        ("main = \"worker/entry.mjs\"", "main = \"worker/build/index.js\"", "main"),
        ("compatibility_date = \"2026-10-01\"", "compatibility_date = 2026-10-01", "compatibility_date"),
        ("compatibility_date = \"2026-10-01\"", "compatibility_date = \"2024-10-01\"", "compatibility_date"),
        ("compatibility_date = \"2026-10-01\"", "compatibility_date = \"1.10.2026\"", "compatibility_date"),
        ("compatibility_date = \"2026-10-01\"", "", "compatibility_date"),
        ("name = \"ringside\"", "name = \"Ring side\"", "name"),
        ("  \"HELPSCOUT_APP_ID\",\n", "", "secrets.required"),
        ("  \"HELPSCOUT_APP_ID\",\n", "  \"HELPSCOUT_APP_ID\",\n  \"HELPSCOUT_APP_ID\",\n", "secrets.required"),
        ("  \"HELPSCOUT_APP_ID\",\n", "  \"HELPSCOUT_APP_ID\",\n  \"HELPSCOUT_APP\",\n", "secrets.required"),
        ("html_handling =", "html_handeling =", "assets.html_handeling"),
        (
            "[exports.Gate]",
            "[[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"Gate\"]\n\n[exports.Gate]",
            "migrations",
        ),
    ] {
        assert!(SHIPPED.contains(right), "{right}");
        let found = fields(&SHIPPED.replacen(right, wrong, 1));
        // A binding under another's name is one too few and one too many.
        assert!(!found.is_empty() && found.iter().all(|it| it == field), "{wrong}: {found:?}");
    }
    for (right, wrong, field) in [
        ("[assets]", "[asets]", "asets"),
        ("[secrets]", "[secret]", "secret"),
        ("[build]", "[builds]", "builds"),
        ("[observability.logs]", "[observability.log]", "observability.log"),
        ("[exports.Gate]", "[export.Gate]", "export"),
    ] {
        let found = fields(&SHIPPED.replacen(right, wrong, 1));
        assert!(
            found.len() > 1 && found.contains(&field.to_owned()),
            "what is missing, and what is not known: {found:?}"
        );
    }
}

#[test]
fn traces_are_kept_only_without_queries() {
    for (traces, fine) in [
        ("[observability.traces]\nenabled = false", true),
        ("[observability.traces]\nenabled = true", false),
        ("[observability.traces]\nhead_sampling_rate = 1", true),
    ] {
        let config = SHIPPED.replacen("[observability.logs]", &format!("{traces}\n\n[observability.logs]"), 1);
        assert_eq!(fields(&config).is_empty(), fine, "{traces}");
        let redacted = config.replacen("[observability]", "[observability]\nredact_query_string = true", 1);
        assert_eq!(fields(&redacted), [""; 0], "{traces}");
    }
    let previews = format!("{SHIPPED}\n[previews.observability]\nenabled = true\ntraces = {{ enabled = true }}");
    assert_eq!(
        fields(&previews),
        ["previews.observability.logs.invocation_logs", "previews.observability.traces.enabled"]
    );
    let environment = format!("{SHIPPED}\n[env.staging.observability]\nenabled = true\ntraces = {{ enabled = true }}");
    let found = fields(&environment);
    for field in ["observability.traces.enabled", "observability.logs.invocation_logs"] {
        assert!(found.contains(&format!("env.staging.{field}")), "the table replaces the inherited one: {found:?}");
    }
}

#[test]
fn a_hotline_may_be_a_secret() {
    let (before, table) = SHIPPED.split_once("[vars.HOTLINE_VOTERS]").unwrap();
    assert!(table.contains("mailbox"));
    assert_eq!(fields(before), [config::NO_HOTLINE_FIELD]);
    assert_eq!(
        fields(&before.replacen("  \"SESSION_SECRET\"", "  \"HOTLINE_VOTERS\",\n  \"SESSION_SECRET\"", 1)),
        [""; 0]
    );
}

#[test]
fn an_environment_inherits_objects_and_logs_but_neither_bindings_nor_variables_nor_secrets() {
    let found = fields(&format!("{SHIPPED}\n[env.staging]\nname = \"ringside-staging\""));
    for field in ["PUBLIC_URL", "vars", "durable_objects", "secrets", "secrets.required"] {
        assert!(found.contains(&format!("env.staging.{field}")), "{field}: {found:?}");
    }
    assert_eq!(found.iter().filter(|field| *field == "env.staging.durable_objects.bindings").count(), 10);
    let handed_down = ["exports", "observability", "assets", "build", "compatibility_date", "main"];
    assert!(!found.iter().any(|field| handed_down.iter().any(|key| field.contains(key))), "{found:?}");
    // All of it said again is fine.
    let table: Table = SHIPPED.parse().unwrap();
    let repeated = ["vars", "durable_objects", "secrets"].map(|key| (key.to_owned(), table[key].clone()));
    let mut whole = table.clone();
    whole.insert(
        "env".to_owned(),
        Value::Table(Table::from_iter([("staging".to_owned(), Value::Table(Table::from_iter(repeated)))])),
    );
    assert_eq!(problems(&whole), []);
}

#[test]
fn one_environment_is_judged_with_what_it_inherits_and_without_the_others() {
    let table: Table = SHIPPED.parse().unwrap();
    let mut staging = Table::new();
    for key in ["vars", "durable_objects", "secrets"] {
        staging.insert(key.to_owned(), table[key].clone());
    }
    let mut production = staging.clone();
    production.insert("nam".to_owned(), "ringside".into());
    let mut whole = table.clone();
    whole.remove("vars");
    let environments = [("staging", staging), ("production", production)];
    let environments = environments.map(|(name, table)| (name.to_owned(), Value::Table(table)));
    whole.insert("env".to_owned(), Value::Table(Table::from_iter(environments)));
    let fields = |env: Option<&str>| problems_of(&whole, env, &[]).into_iter().map(|it| it.field).collect::<Vec<_>>();
    assert_eq!(fields(Some("staging")), [""; 0]);
    assert_eq!(fields(Some("production")), ["env.production.nam"]);
    let all = fields(None);
    assert!(all.contains(&"PUBLIC_URL".to_owned()) && all.contains(&"env.production.nam".to_owned()), "{all:?}");
}
