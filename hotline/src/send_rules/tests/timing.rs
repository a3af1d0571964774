use serde_json::json;

use super::{FIRST, judge};

#[test]
fn a_message_leaves_from_its_instant_on_and_before_it_expires() {
    judge(
        json!({}),
        &[
            ("expires_at=2026-11-20T17:00:00.001Z", FIRST),
            ("expires_at=2026-11-20T17:00:00Z", "refuse expired"),
            ("expires_at=2026-11-20T16:00:00Z", "refuse expired"),
            ("send_at=2026-11-20T17:00:01Z", "hold send_at 2026-11-20T17:00:01Z"),
            ("send_at=2026-11-20T17:00:00Z", FIRST),
            ("send_at=2025-01-01T00:00:00Z", FIRST),
            // Held until after it expires: it will.
            ("now=2026-11-21T03:00:00Z expires_at=2026-11-21T04:00:00Z", "hold quiet_hours 2026-11-21T13:00:00Z"),
        ],
    );
}

#[test]
fn a_message_that_can_wait_does_not_arrive_at_night() {
    judge(
        json!({}),
        &[
            ("now=2026-11-21T01:59:59.999Z", FIRST),
            ("now=2026-11-21T02:00:00Z", "hold quiet_hours 2026-11-21T13:00:00Z"),
            ("now=2026-11-21T12:59:59.999Z", "hold quiet_hours 2026-11-21T13:00:00Z"),
            ("now=2026-11-21T13:00:00Z", FIRST),
            ("now=2026-11-21T03:00:00Z class=alert", FIRST),
            ("now=2026-11-21T03:00:00Z class=promotion granted", "hold quiet_hours 2026-11-21T13:00:00Z"),
            // The clock goes back in New York, and forward.
            ("now=2026-11-01T01:00:00Z", "hold quiet_hours 2026-11-01T13:00:00Z"),
            ("now=2026-03-08T02:00:00Z", "hold quiet_hours 2026-03-08T12:00:00Z"),
            // Half an hour, on Lord Howe Island.
            ("now=2026-04-04T10:00:00Z zone=Australia/Lord_Howe", "hold quiet_hours 2026-04-04T21:30:00Z"),
            ("now=2026-10-03T10:30:00Z zone=Australia/Lord_Howe", "hold quiet_hours 2026-10-03T21:00:00Z"),
            // Whose zone is told, whatever the number says; one that nobody knows counts for nothing.
            ("now=2026-11-21T03:00:00Z zone=America/Los_Angeles", FIRST),
            ("zone=Asia/Tokyo", "hold quiet_hours 2026-11-20T23:00:00Z"),
            ("now=2026-11-21T03:00:00Z zone=Mars/Olympus", "hold quiet_hours 2026-11-21T13:00:00Z"),
            // Two zones in the west of Florida: evening begins in one, morning comes later in the other.
            ("to=+18505550123 now=2026-11-21T02:00:00Z", "hold quiet_hours 2026-11-21T14:00:00Z"),
            // The whole of the United States, Canada, and a country of one zone.
            ("to=+15550100123 now=2026-11-20T17:00:00Z", "hold quiet_hours 2026-11-20T18:00:00Z"),
            ("to=+15550100123 now=2026-11-20T18:00:00Z", FIRST),
            ("to=+447700900123 now=2026-11-20T22:00:00Z", "hold quiet_hours 2026-11-21T08:00:00Z"),
        ],
    );
    let hours = json!({"time_zone": "America/Chicago", "open": ["09:00-17:00"]});
    judge(
        json!({"hours": hours}),
        &[
            ("to=+15550100123 now=2026-11-20T17:00:00Z", FIRST),
            ("to=+15550100123 now=2026-11-21T03:00:00Z", "hold quiet_hours 2026-11-21T14:00:00Z"),
            ("now=2026-11-21T02:00:00Z", "hold quiet_hours 2026-11-21T13:00:00Z"),
            ("to=+447700900123 now=2026-11-20T22:00:00Z", "hold quiet_hours 2026-11-21T08:00:00Z"),
        ],
    );
    judge(
        json!({"quiet": {"from": "08:00", "until": "07:00", "classes": ["alert"]}}),
        &[
            ("", FIRST),
            ("class=alert", "hold quiet_hours 2026-11-21T12:00:00Z"),
            ("to=+15550100123 class=alert", "hold quiet_hours"),
        ],
    );
}

#[test]
fn a_person_gets_no_more_of_a_class_than_the_cap_says() {
    judge(
        json!({}),
        &[
            ("class=promotion granted left=2026-11-13T17:00:00.001Z", "hold frequency_cap 2026-11-20T17:00:00Z"),
            ("class=promotion granted left=2026-11-13T17:00:00Z", FIRST),
            (
                "class=promotion granted left=2026-11-14T09:00:00Z left=2026-11-15T09:00:00Z",
                "hold frequency_cap 2026-11-22T09:00:00Z",
            ),
            ("class=service left=2026-11-20T16:00:00Z", FIRST),
            ("class=alert left=2026-11-20T16:00:00Z left=2026-11-20T15:00:00Z", FIRST),
            (
                "class=alert left=2026-11-20T16:00:00Z left=2026-11-20T14:00:00Z left=2026-11-20T15:00:00Z",
                "hold frequency_cap 2026-11-21T14:00:00Z",
            ),
            (
                "class=alert left=2026-11-20T13:00:00Z left=2026-11-20T16:00:00Z left=2026-11-20T14:00:00Z left=2026-11-20T15:00:00Z",
                "hold frequency_cap 2026-11-21T14:00:00Z",
            ),
            ("class=alert left=2026-11-20T16:00:00Z left=2026-11-20T15:00:00Z left=2026-11-19T17:00:00Z", FIRST),
            // A day on which the clock goes back has 24 hours too.
            (
                "class=alert now=2026-11-01T15:00:00Z left=2026-11-01T14:00:00Z left=2026-10-31T16:00:00Z left=2026-10-31T15:00:01Z",
                "hold frequency_cap 2026-11-01T15:00:01Z",
            ),
        ],
    );
}
