//! The JSON of `/v1/health`, word for word.

use std::collections::BTreeMap;

use protocol::health::{Count, Health, HotlineHealth, ServiceHealth};

#[test]
fn health_is_written_as_operators_read_it() {
    let at = |text: &str| text.parse().unwrap();
    let count = Count {
        what: "call to an \"unknown\" number".to_owned(),
        count: 2,
        first: at("2026-11-20T12:00:00Z"),
        last: at("2026-11-20T12:00:01Z"),
    };
    let voters = HotlineHealth { waiting: 3, oldest: Some(at("2026-11-20T11:59:00Z")), counts: vec![count] };
    let away = ServiceHealth {
        available: false,
        since: Some(at("2026-11-20T11:58:00Z")),
        reason: Some("no answer".to_owned()),
        unreadable_states: Some(1),
    };
    let hotlines = BTreeMap::from([(0, Some(HotlineHealth::default())), (3003, Some(voters)), (3004, None)]);
    for (health, json) in [
        (
            Health { hotlines, help_scout: Some(away) },
            r#"{"hotlines":{"0":{"waiting":0,"oldest":null,"counts":[]},"3003":{"waiting":3,"oldest":"2026-11-20T11:59:00Z","counts":[{"what":"call to an \"unknown\" number","count":2,"first":"2026-11-20T12:00:00Z","last":"2026-11-20T12:00:01Z"}]},"3004":null},"help_scout":{"available":false,"since":"2026-11-20T11:58:00Z","reason":"no answer","unreadable_states":1}}"#,
        ),
        (
            Health {
                hotlines: BTreeMap::new(),
                help_scout: Some(ServiceHealth { available: true, ..ServiceHealth::default() }),
            },
            r#"{"hotlines":{},"help_scout":{"available":true}}"#,
        ),
        (Health::default(), r#"{"hotlines":{},"help_scout":null}"#),
    ] {
        assert_eq!(serde_json::to_string(&health).unwrap(), json);
        assert_eq!(serde_json::from_str::<Health>(json).unwrap(), health);
    }
}
