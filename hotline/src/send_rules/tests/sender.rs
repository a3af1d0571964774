use serde_json::json;

use super::{FIRST, WHATSAPP, judge};

#[test]
fn whatsapp_takes_templates_alone_once_a_day_is_over() {
    judge(
        json!({}),
        &[
            ("whatsapp", "refuse whatsapp_window"),
            ("whatsapp heard=2026-11-19T17:00:00Z", "refuse whatsapp_window"),
            ("whatsapp heard=2026-11-19T17:00:00.001Z", WHATSAPP),
            ("whatsapp template", WHATSAPP),
            ("whatsapp template paused=whatsapp:+15550100009", "hold no_sender"),
            ("template", FIRST),
        ],
    );
    judge(json!({"whatsapp": null}), &[("whatsapp template", "hold no_sender"), ("whatsapp stop", "refuse opted_out")]);
}

#[test]
fn a_message_leaves_from_the_sender_that_the_person_knows_or_one_near_them_or_the_first() {
    judge(
        json!({"numbers": ["+13125550001", "+442079460001", "+12125550001", "+12125550002"]}),
        &[
            ("known=+13125550001", "+13125550001"),
            ("known=+15550100001", "+12125550001"),
            ("known=+13125550001 paused=+13125550001", "+12125550001"),
            ("paused=+12125550001", "+12125550002"),
            ("paused=+12125550001 paused=+12125550002", "+13125550001"),
            ("to=+16465550123", "+13125550001"),
            ("to=+447700900123", "+442079460001"),
            ("to=+16465550123 paused=+13125550001", "+442079460001"),
            ("stop start=+12125550002", "+12125550002"),
            ("known=whatsapp:+15550100009", "+12125550001"),
        ],
    );
    let service = "MG0123456789abcdef0123456789abcdef";
    judge(
        json!({"messaging_service": service}),
        &[
            ("known=+15550100002", service),
            ("paused=MG0123456789abcdef0123456789abcdef", "hold no_sender"),
            ("whatsapp template", WHATSAPP),
        ],
    );
}
