//! Each code planted in a sound deployment and found alone, with its severity, field and repair.

use emulator::faults::Service;
use serde_json::{Value, json};

use super::planted::*;
use crate::deployment::{BRAND, DOMAIN, Deployment, TOLL_FREE};

/// Code, severity, field, a part of the repair, and how it comes about.
type Case = (&'static str, &'static str, &'static str, &'static str, fn(&Deployment));

const APPLY: &str = "cargo xtask hotline apply";

/// Plants each case in a deployment of its own; `more` are further words of the command.
fn found_alone(cases: &[Case], more: &str) {
    for (code, severity, field, repair, plant) in cases {
        let hotline = Deployment::sound();
        plant(&hotline);
        let ran = hotline.json(&format!("doctor{more}"));
        let document = ran.json();
        assert_eq!(codes(&document), [*code], "{code}: {document}");
        let finding = &document["findings"][0];
        assert_eq!((&finding["severity"], &finding["field"]), (&json!(severity), &json!(field)), "{code}: {finding}");
        assert!(finding["repair"].to_string().contains(repair), "{code}: {finding}");
        assert_eq!(ran.exit, i32::from(*severity == "error"), "{code}");
    }
}

#[test]
fn every_code_is_planted_here() {
    let documented = include_str!("../../../../docs/DOCTOR.md").lines().filter_map(|line| {
        let (code, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        (rest.starts_with("error") || rest.starts_with("warning")).then_some(code)
    });
    let cases = include_str!("findings.rs");
    let missing: Vec<_> = documented.filter(|code| !cases.contains(&format!("(\"{code}\","))).collect();
    assert_eq!(missing, ["secret_published"], "it is planted outside the table");
}

#[test]
fn in_the_file() {
    let cases: &[Case] = &[
        ("config_invalid", "error", "HOTLINE_VOTERS.sesame", "wrangler.toml", |it| fields(it, "sesame = 1")),
        ("secret_in_vars", "error", "TWILIO_AUTH_TOKEN_NEXT", "wrangler secret put TWILIO_AUTH_TOKEN_NEXT", |it| {
            var(it, "TWILIO_AUTH_TOKEN_NEXT", "open");
        }),
        ("compatibility_date", "warning", "compatibility_date", "wrangler.toml", |it| {
            it.edit(|config| config["compatibility_date"] = "2099-01-01".into());
        }),
        ("compatibility_date", "warning", "compatibility_date", "wrangler.toml", |it| {
            it.edit(|config| config["compatibility_date"] = "2020-01-01".into());
        }),
        ("compatibility_date", "warning", "compatibility_date", "wrangler.toml", |it| {
            it.edit(|config| {
                config.remove("compatibility_date");
            });
        }),
        ("cron_missing", "warning", "triggers.crons", "crons = ", |it| {
            it.edit(|config| {
                config.remove("triggers");
            });
        }),
        ("time_zone_unknown", "error", "HOTLINE_VOTERS.hours.time_zone", "wrangler.toml", |it| {
            fields(it, "hours = { time_zone = \"America/New_Yorck\", open = [\"Mon-Fri 09:00-17:00\"] }");
        }),
        ("sender_repeated", "error", "HOTLINE_YOUTH.numbers[0]", "wrangler.toml", |it| {
            another(it, "mailbox = 3004\nnumbers = [\"+15550100001\"]");
        }),
        ("inbox_repeated", "error", "HOTLINE_YOUTH.mailbox", "wrangler.toml", |it| {
            another(it, "mailbox = 3003\nnumbers = [\"+15550100002\"]");
        }),
        ("ring_phone_is_ours", "error", "HOTLINE_VOTERS.ring.phones[0]", "wrangler.toml", |it| {
            fields(it, "ring = { phones = [\"+15550100001\"] }");
        }),
        ("fallback_missing", "warning", "HOTLINE_VOTERS.fallback.voice", "twiml-bins", |it| {
            let text = format!("fallback = {{ text = \"{}/bin/text\" }}", it.public_url());
            fields(it, &text);
            assert_eq!(it.run("hotline apply --yes").exit, 0);
        }),
        ("fallback_silent", "warning", "HOTLINE_VOTERS.fallback.text", "twiml-bins", |it| {
            it.worker.instead("/bin/text", (404, vec![], String::new()));
        }),
        ("fallback_silent", "warning", "HOTLINE_VOTERS.fallback.voice", "twiml-bins", |it| {
            it.worker.instead("/bin/voice", (200, vec![], "<html/>".into()));
        }),
    ];
    found_alone(cases, "");
    let insecure: &[Case] = &[("public_url_insecure", "error", "PUBLIC_URL", "wrangler.toml", |it| {
        public_url(it, "http://hotline.example.org");
    })];
    // The secrets of development are for loopback alone.
    found_alone(insecure, " --skip secret_published");
    let others: &[Case] = &[
        ("public_url_insecure", "error", "PUBLIC_URL", "wrangler.toml", |it| {
            public_url(it, "https://voter_hotline.example.org");
        }),
        ("retention_without_cron", "error", "triggers.crons", "crons = ", |it| {
            fields(it, "retention = { text_days = 365 }");
            it.edit(|config| {
                config.remove("triggers");
            });
        }),
    ];
    found_alone(others, " --only public_url_insecure,retention_without_cron,cron_missing");
}

/// A further hotline of which only this is known.
fn another(hotline: &Deployment, fields: &str) {
    hotline.edit(|config| {
        let table = crate::deployment::toml(&format!("name = \"Youth\"\n{fields}"));
        config["vars"].as_table_mut().unwrap().insert("HOTLINE_YOUTH".into(), table);
    });
}

#[test]
fn in_secrets() {
    let cases: &[Case] = &[
        ("secret_missing", "error", "HELPSCOUT_SIDEBAR_SECRET", "put HELPSCOUT_SIDEBAR_SECRET", |it| {
            it.secret("HELPSCOUT_SIDEBAR_SECRET", "");
        }),
        ("secret_short", "error", "HELPSCOUT_SIDEBAR_SECRET_NEXT", "put HELPSCOUT_SIDEBAR_SECRET_NEXT", |it| {
            it.secret("HELPSCOUT_SIDEBAR_SECRET_NEXT", "123456789012345");
        }),
        ("secret_long", "error", "HELPSCOUT_WEBHOOK_SECRET_NEXT", "put HELPSCOUT_WEBHOOK_SECRET_NEXT", |it| {
            it.secret("HELPSCOUT_WEBHOOK_SECRET_NEXT", "12345678901234567890123456789012345678901");
        }),
        ("secret_repeated", "warning", "HELPSCOUT_SIDEBAR_SECRET_NEXT", "put HELPSCOUT_SIDEBAR_SECRET_NEXT", |it| {
            it.secret("HELPSCOUT_SIDEBAR_SECRET_NEXT", "dev_webhook_secret");
        }),
    ];
    found_alone(cases, "");
    let hotline = Deployment::sound();
    public_url(&hotline, "https://hotline.example.org");
    let document = hotline.json("doctor --only secret_published").json();
    let findings = document["findings"].as_array().unwrap();
    assert!(findings.len() >= 5 && findings.iter().all(|it| it["severity"] == "error"), "{document}");
    assert!(findings.iter().any(|it| it["field"] == "SESSION_SECRET"), "{document}");
}

#[test]
fn at_the_worker() {
    let cases: &[Case] = &[
        ("public_url_silent", "error", "PUBLIC_URL", "npx wrangler deploy", |it| {
            it.worker.instead("/healthz", (503, vec![], String::new()));
        }),
        ("public_url_redirects", "error", "PUBLIC_URL", "PUBLIC_URL", |it| {
            let to = ("location", "https://www.example.org/".to_owned());
            it.worker.instead("/healthz", (301, vec![to], String::new()));
        }),
        ("public_url_other", "error", "PUBLIC_URL", "npx wrangler deploy", |it| {
            it.worker.instead("/healthz", (200, vec![], json!({"status": "ok", "proof": "0".repeat(64)}).to_string()));
        }),
        ("worker_twilio_token", "error", "TWILIO_AUTH_TOKEN", "put TWILIO_AUTH_TOKEN", |it| {
            it.worker.instead("/twilio/messages/status", (403, vec![], String::new()));
        }),
        ("worker_webhook_secret", "error", "HELPSCOUT_WEBHOOK_SECRET", "put HELPSCOUT_WEBHOOK_SECRET", |it| {
            it.worker.instead("/helpscout/webhook", (401, vec![], String::new()));
        }),
        ("worker_sidebar_secret", "error", "HELPSCOUT_SIDEBAR_SECRET", "put HELPSCOUT_SIDEBAR_SECRET", |it| {
            it.worker.instead("/helpscout/sidebar", (401, vec![], String::new()));
        }),
        ("worker_config_differs", "warning", "mailbox", "npx wrangler deploy", |it| {
            it.worker.health(|health| health["hotlines"][0]["mailbox"] = 3999.into());
        }),
        ("worker_config_differs", "warning", "senders", "npx wrangler deploy", |it| {
            it.worker.health(|health| health["hotlines"][0]["senders"][0]["sender"] = "+15550100009".into());
        }),
        ("worker_config_differs", "warning", "hotlines", "npx wrangler deploy", |it| {
            it.worker.health(|health| {
                let gone = json!({"hotline": "GONE", "mailbox": 3004, "senders": []});
                health["hotlines"].as_array_mut().unwrap().push(gone);
            });
        }),
        ("worker_unwell", "warning", "status", "reasons", |it| {
            it.worker.health(|health| {
                health["status"] = "degraded".into();
                health["reasons"] = json!([{"code": "jobs_waiting", "status": "degraded", "hotline": "VOTERS"}]);
            });
        }),
        ("worker_key_refused", "error", "RINGSIDE_API_KEY", "api-key new", |it| {
            it.secret("RINGSIDE_API_KEY", "rk_operator_of_another_deployment");
        }),
        ("clock_skew", "warning", "Date", "clock", |it| helpscout(it, |it| it.clock_ahead_ms = 120_000)),
    ];
    found_alone(cases, "");
}

#[test]
fn in_the_twilio_account() {
    let cases: &[Case] = &[
        ("twilio_unreachable", "error", "TWILIO_API_URL", "status.twilio.com", |it| down(it, Service::Twilio)),
        ("twilio_token_refused", "error", "TWILIO_AUTH_TOKEN", "put TWILIO_AUTH_TOKEN", |it| {
            twilio(it, |it| it.auth_token = "another".into());
        }),
        ("twilio_api_key_refused", "error", "TWILIO_API_KEY_SECRET", "api-keys", |it| {
            it.secret("TWILIO_API_KEY_SID", "SK00000000000000000000000000000000");
            it.secret("TWILIO_API_KEY_SECRET", "of_another_account");
        }),
        ("twilio_token_next_refused", "warning", "TWILIO_AUTH_TOKEN_NEXT", "put TWILIO_AUTH_TOKEN_NEXT", |it| {
            it.secret("TWILIO_AUTH_TOKEN_NEXT", "00000000000000000000000000000000");
        }),
        ("twilio_account_inactive", "error", "status", "billing", |it| {
            twilio(it, |it| it.account.status = "suspended".into());
        }),
        ("twilio_account_inactive", "error", "status", "billing", |it| {
            let refused = rule(403, ".json", json!({"code": 20005, "message": "Account not active", "status": 403}));
            it.emulator.with(|world| world.faults.add(Service::Twilio, refused));
        }),
        ("service_text_url", "error", "inbound_request_url", APPLY, |it| {
            service(it, |it| it.inbound_request_url = it.inbound_request_url.split('#').next().unwrap().into());
        }),
        ("twilio_trial", "warning", "type", "billing", |it| twilio(it, |it| it.account.kind = "Trial".into())),
        ("balance_low", "warning", "balance", "billing", |it| {
            twilio(it, |it| it.account.balance = "9.99".into());
            it.edit(|config| {
                let alerts = crate::deployment::toml("balance_below = 10");
                config["vars"].as_table_mut().unwrap().insert("ALERTS".into(), alerts);
            });
        }),
        ("balance_low", "error", "balance", "billing", |it| twilio(it, |it| it.account.balance = "0.00".into())),
        ("balance_low", "error", "balance", "billing", |it| twilio(it, |it| it.account.balance = "-3.10".into())),
        ("geo_voice_off", "error", "low_risk_numbers_enabled", "geo-permissions", |it| {
            twilio(it, |it| it.countries_not_called.push("US".into()));
        }),
        ("ring_outruns_calls", "warning", "queue_time", "in_turn", |it| {
            answers(
                it,
                Service::Twilio,
                "/Calls.json",
                json!({"calls": [{"queue_time": "0"}, {"queue_time": "2001"}]}),
            );
        }),
        ("opt_out_unanswered", "warning", "opt_out", "console", |it| {
            texts(it, &[("+15550100100", "+15550100001", "Stop", 10)]);
        }),
        ("opt_out_twice", "warning", "opt_out", "console", |it| {
            let (anna, ours) = ("+15550100100", "+15550100001");
            texts(it, &[(ours, anna, "Bye", 12), (ours, anna, "Goodbye", 11), (anna, ours, "STOP", 10)]);
        }),
        ("webhook_errors", "warning", "error_code", "debugger", seen_error),
    ];
    found_alone(cases, "");
}

#[test]
fn at_numbers() {
    let cases: &[Case] = &[
        ("number_not_ours", "error", "phone_number", "numbers list", |it| {
            twilio(it, |it| it.senders.retain(|it| it.address != TOLL_FREE));
        }),
        ("number_no_sms", "error", "capabilities", "numbers search", |it| number(it, |it| it.capabilities.sms = false)),
        ("number_no_voice", "error", "capabilities", "numbers search", |it| {
            number(it, |it| it.capabilities.voice = false);
        }),
        ("number_region", "error", "voice_region", "region", |it| kept(it, "voice_region", "ie1")),
        ("number_text_url", "error", "sms_url", APPLY, |it| number(it, |it| it.webhook = old().into())),
        ("number_text_url", "error", "sms_method", APPLY, |it| kept(it, "sms_method", "GET")),
        ("number_voice_url", "error", "voice_url", APPLY, |it| number(it, |it| it.voice_url = old().into())),
        ("number_voice_url", "error", "voice_method", APPLY, |it| kept(it, "voice_method", "GET")),
        ("number_retries", "warning", "sms_url", APPLY, |it| {
            number(it, |it| it.webhook = it.webhook.split('#').next().unwrap().into());
        }),
        ("number_retries", "warning", "status_callback", APPLY, |it| {
            number(it, |it| it.voice_status_callback = it.voice_status_callback.replace("rc=3", "rc=1"));
        }),
        ("number_fallback", "warning", "sms_fallback_url", APPLY, |it| number(it, |it| it.fallback.clear())),
        ("number_fallback", "warning", "voice_fallback_method", APPLY, |it| kept(it, "voice_fallback_method", "GET")),
        ("number_status_callback", "error", "status_callback", APPLY, |it| {
            number(it, |it| it.voice_status_callback.clear());
        }),
        ("number_status_callback", "error", "status_callback_method", APPLY, |it| {
            kept(it, "status_callback_method", "GET");
        }),
        ("number_application", "error", "voice_application_sid", APPLY, |it| {
            kept(it, "voice_application_sid", "AP00000000000000000000000000000000");
        }),
        ("number_fax", "error", "voice_receive_mode", APPLY, |it| kept(it, "voice_receive_mode", "fax")),
    ];
    found_alone(cases, "");
}

#[test]
fn at_services_and_senders() {
    let cases: &[Case] = &[
        ("service_unknown", "error", "sid", "services", unknown_service),
        ("service_text_url", "error", "inbound_request_url", APPLY, |it| {
            service(it, |it| it.inbound_request_url = old().into());
        }),
        ("service_text_url", "error", "use_inbound_webhook_on_number", APPLY, |it| {
            service(it, |it| {
                it.kept.insert("use_inbound_webhook_on_number".into(), "true".into());
            });
        }),
        ("service_fallback", "warning", "fallback_url", APPLY, |it| service(it, |it| it.fallback_url.clear())),
        ("service_status_callback", "warning", "status_callback", APPLY, |it| {
            service(it, |it| it.status_callback = old().into());
        }),
        ("service_lacks_number", "warning", "phone_number_sid", APPLY, |it| {
            service(it, |it| it.senders.retain(|number| number != TOLL_FREE));
        }),
        ("service_takes_texts", "error", "service_sid", "services", taken_by_another_service),
        ("a2p_unregistered", "error", "campaign_status", "a2p-10dlc", |it| service(it, |it| it.campaign = None)),
        ("a2p_pending", "warning", "campaign_status", "a2p-10dlc", |it| campaign(it, "IN_PROGRESS")),
        ("a2p_failed", "error", "campaign_status", "a2p-10dlc", |it| campaign(it, "SUSPENDED")),
        ("a2p_brand", "error", "brand_registration_sid", "a2p-10dlc", |it| {
            twilio(it, |it| it.brands.insert(BRAND.into(), "FAILED".into()).unwrap_or_default().clear());
        }),
        ("tollfree_unverified", "error", "status", "toll-free", |it| {
            twilio(it, |it| it.toll_free_verifications.clear());
        }),
        ("tollfree_unverified", "error", "status", "toll-free", |it| verification(it, "TWILIO_REJECTED")),
        ("tollfree_pending", "warning", "status", "toll-free", |it| verification(it, "IN_REVIEW")),
        ("whatsapp_unknown", "error", "sender_id", "whatsapp-senders", |it| {
            twilio(it, |it| it.senders.retain(|it| !it.address.starts_with("whatsapp:")));
        }),
        ("whatsapp_offline", "error", "status", "whatsapp-senders", |it| {
            whatsapp(it, |it| {
                it.kept.insert("status".into(), "OFFLINE".into());
            });
        }),
        ("whatsapp_webhook", "error", "callback_url", APPLY, |it| whatsapp(it, |it| it.webhook = old().into())),
    ];
    found_alone(cases, "");
}

fn campaign(hotline: &Deployment, status: &str) {
    service(hotline, |it| it.campaign.as_mut().unwrap().status = status.into());
}

fn verification(hotline: &Deployment, status: &str) {
    twilio(hotline, |it| {
        it.toll_free_verifications.insert(TOLL_FREE.into(), status.into());
    });
}

#[test]
fn at_help_scout() {
    let cases: &[Case] = &[
        ("helpscout_unreachable", "error", "HELPSCOUT_API_URL", "status.helpscout.com", |it| {
            down(it, Service::HelpScout);
        }),
        ("helpscout_app_refused", "error", "HELPSCOUT_APP_SECRET", "put HELPSCOUT_APP_SECRET", |it| {
            helpscout(it, |it| it.app_secret = "another".into());
        }),
        ("helpscout_app_refused", "error", "HELPSCOUT_APP_SECRET", "put HELPSCOUT_APP_SECRET", |it| {
            it.emulator.with(|world| world.faults.add(Service::HelpScout, rule(401, "/v2/users/me", json!({}))));
        }),
        ("helpscout_no_access", "error", "users/me", "billing", |it| {
            it.emulator.with(|world| world.faults.add(Service::HelpScout, rule(403, "/v2/users/me", json!({}))));
        }),
        ("helpscout_other_account", "error", "mailbox", "apps", |it| {
            helpscout(it, |it| it.hidden_inboxes = vec![3003]);
        }),
        ("inbox_unknown", "error", "mailbox", "wrangler.toml", |it| {
            second_hotline(it);
            helpscout(it, |it| it.hidden_inboxes = vec![3004]);
        }),
        ("alerts_inbox", "warning", "ALERTS.mailbox", "wrangler.toml", |it| {
            it.edit(|config| {
                let alerts = crate::deployment::toml("mailbox = 3099");
                config["vars"].as_table_mut().unwrap().insert("ALERTS".into(), alerts);
            });
        }),
        ("inbox_no_access", "error", "mailbox", "users", |it| {
            helpscout(it, |it| {
                it.users[0].role = "user".into();
                it.inbox_users.insert(3003, vec![4005]);
            });
        }),
        ("helpscout_rate_low", "warning", "X-RateLimit-Limit-Minute", "billing", |it| {
            helpscout(it, |it| it.limit_per_minute = 199);
        }),
        ("helpscout_rate_low", "warning", "X-RateLimit-Remaining-Minute", "billing", |it| {
            it.emulator.with(|world| {
                let now = world.now();
                world.helpscout.spend_budget(now, 210);
            });
        }),
        ("webhook_missing", "error", "url", APPLY, |it| webhooks(it, |list| *list = json!([]))),
        ("webhook_disabled", "error", "state", APPLY, |it| {
            it.emulator.with(|world| world.helpscout.disable_webhooks());
        }),
        ("webhook_events", "error", "events", APPLY, |it| {
            webhooks(it, |list| {
                list[0]["events"].as_array_mut().unwrap().pop();
            });
        }),
        ("webhook_inboxes", "error", "mailboxIds", APPLY, |it| {
            webhooks(it, |list| list[0]["mailboxIds"] = json!([3004]));
        }),
        ("webhook_version", "error", "payloadVersion", APPLY, |it| {
            webhooks(it, |list| list[0]["payloadVersion"] = "V2".into());
        }),
        ("webhook_notification", "error", "notification", APPLY, |it| {
            webhooks(it, |list| list[0]["notification"] = true.into());
        }),
        ("webhook_repeated", "warning", "url", "webhooks", |it| {
            webhooks(it, |list| {
                let again = list[0].clone();
                list.as_array_mut().unwrap().push(again);
            });
        }),
        ("webhook_secret", "error", "secret", "--set-webhook-secret", |it| {
            webhooks(it, |list| list[0]["secret"] = "of another deployment".into());
        }),
        ("customer_duplicates", "warning", "customers", "customers", |it| {
            let customer = |id: u64, email: &str| json!({"id": id, "_embedded": {"emails": [{"value": email}]}});
            let all = [customer(1, "15550100100@sms.example.org"), customer(2, "+1-555-010-0100@SMS.example.org")];
            let body = json!({"_embedded": {"customers": all}, "page": {"totalPages": 1}});
            answers(it, Service::HelpScout, "/customers", body);
        }),
    ];
    found_alone(cases, "");
}

#[test]
fn in_the_dns() {
    let cases: &[Case] = &[
        ("customer_domain_takes_mail", "error", "HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", "null MX", |it| {
            records(it, "MX", "10 mail.example.org.");
        }),
        ("customer_domain_has_host", "warning", "HELPSCOUT_CUSTOMER_EMAIL_DOMAIN", "null MX", |it| {
            records(it, "AAAA", "2001:db8::1");
        }),
    ];
    found_alone(cases, "");
    let hotline = Deployment::sound();
    hotline.emulator.with(|world| world.dns.clear());
    assert_eq!(hotline.json("doctor").json()["findings"], json!([]), "a name that does not exist takes no mail");
    hotline.edit(|config| config["vars"]["DNS_URL"] = "https://127.0.0.1:9/dns-query".into());
    let document = hotline.json("doctor").json();
    assert_eq!(
        (codes(&document).len(), document["skipped"][0]["code"].clone()),
        (0, json!("customer_domain_takes_mail"))
    );
    let url = format!("{}/dns", hotline.emulator.url());
    assert_eq!(hotline.json(&format!("doctor --dns {url}")).json()["skipped"], Value::Array(vec![]));
}

fn records(hotline: &Deployment, kind: &str, data: &str) {
    hotline.emulator.with(|world| {
        world.dns.clear();
        world.dns.insert((DOMAIN.into(), kind.into()), vec![data.into()]);
    });
}
