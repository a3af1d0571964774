//! The JSON of `/v1/health`, word for word.

use protocol::health::Health;
use serde_json::{Value, json};

/// As the contract shows it, with a value in each field.
fn shown() -> Value {
    let at = "2026-11-28T12:00:00Z";
    json!({
        "status": "degraded", "at": at,
        "version": {"release": "1.4.0", "id": "v1", "deployed_at": at,
            "schema": {"contact": 7, "call": 3, "directory": 5, "rate_limiter": 2}, "classes": ["Contact", "Call"]},
        "reasons": [{"code": "helpscout_unreachable", "status": "degraded", "hotline": null, "since": at,
            "detail": "Help Scout: no connection.", "repair": "Wait."}],
        "cron": {"last_run_at": at, "took_ms": 812},
        "twilio": {"credentials": "ok", "checked_at": at, "balance": {"amount": "12.30", "currency": "USD"},
            "breaker": "closed", "breaker_since": null},
        "helpscout": {"credentials": "unreachable", "checked_at": at, "breaker": "half_open", "breaker_since": at,
            "limit_per_minute": 400, "remaining": 371,
            "webhook": {"state": "enabled", "checked_at": at, "last_received_at": at}},
        "hotlines": [{"hotline": "VOTERS", "name": "Voters", "mailbox": 3003, "status": "ok",
            "senders": [{"sender": "+15550100001", "kind": "number", "ours": true, "checked_at": at}],
            "waiting": {"jobs": 1, "people": 1, "oldest_at": at, "lanes": {"helpscout": 1, "phone": 0, "calls": 0}},
            "failed": {"last_day": 1, "reasons": [{"code": "text", "count": 1, "last_at": at}]},
            "quarantined": 0, "opt_outs": 17,
            "days": [{"day": "2026-11-28", "texts_in": 12, "texts_out": 9, "calls_in": 3, "calls_out": 1, "voicemails": 1}],
            "text_to_helpscout": {"count": 12, "median_ms": 900, "worst_ms": 4100},
            "reply_to_phone": {"count": 0, "median_ms": null, "worst_ms": null},
            "retention": {"text_days": 365, "media_days": null, "recordings_days": null, "last_run_at": at,
                "removed": {"texts": 0, "media": 0, "recordings": 0}, "held": 0},
            "counts": [{"what": "call to an \"unknown\" number", "count": 2, "first": at, "last": at}]}],
        "counts": []
    })
}

#[test]
fn health_is_written_as_the_contract_says() {
    let health: Health = serde_json::from_value(shown()).unwrap();
    assert_eq!(serde_json::to_value(&health).unwrap(), shown());
}

#[test]
fn words_are_those_of_the_contract() {
    let of = |pointer: &str, word: &str| {
        let mut health = shown();
        *health.pointer_mut(pointer).unwrap() = json!(word);
        let read: Result<Health, _> = serde_json::from_value(health);
        read.unwrap_or_else(|error| panic!("{word}: {error}"));
    };
    for (pointer, words) in [
        ("/status", &["ok", "degraded", "down"][..]),
        ("/twilio/credentials", &["ok", "refused", "unreachable", "unknown"]),
        ("/helpscout/breaker", &["closed", "open", "half_open"]),
        ("/helpscout/webhook/state", &["enabled", "disabled", "missing", "unknown"]),
        ("/hotlines/0/senders/0/kind", &["number", "messaging_service", "whatsapp"]),
    ] {
        for word in words {
            of(pointer, word);
        }
    }
}
