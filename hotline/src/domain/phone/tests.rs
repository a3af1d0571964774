use proptest::prelude::*;

use super::*;

#[test]
fn every_sender_twilio_can_name_has_a_key_of_its_own() {
    use Channel::{Sms, WhatsApp};
    let sixty_four = "x".repeat(64);
    for (from, channel, key) in [
        ("+15550100100", Sms, "+15550100100"),
        ("whatsapp:+447700900123", WhatsApp, "+447700900123"),
        ("WhatsApp:+447700900123", WhatsApp, "+447700900123"),
        ("whatsapp:US.13491208655302741918", WhatsApp, "other:US.13491208655302741918"),
        ("+26658123456", Sms, "+26658123456"),
        ("12345", Sms, "short:12345"),
        ("ACME", Sms, "alpha:ACME"),
        ("24 Hours", Sms, "alpha:24 Hours"),
        ("Unknowns", Sms, "alpha:Unknowns"),
        ("", Sms, "anonymous"),
        ("  ", Sms, "anonymous"),
        ("whatsapp:", WhatsApp, "anonymous"),
        ("Anonymous", Sms, "anonymous"),
        ("unknown", Sms, "anonymous"),
        ("Restricted", Sms, "anonymous"),
        ("UNAVAILABLE", Sms, "anonymous"),
        ("+266696687", Sms, "anonymous"),
        ("+7378742833", Sms, "anonymous"),
        ("+17378742833", Sms, "anonymous"),
        ("7378742833", Sms, "anonymous"),
        ("+1266696687", Sms, "anonymous"),
        ("+86282452253", Sms, "anonymous"),
        ("+186282452253", Sms, "anonymous"),
        ("+12562533", Sms, "anonymous"),
        ("+18656696", Sms, "anonymous"),
        ("+7748283", Sms, "anonymous"),
        ("+94844353", Sms, "anonymous"),
        ("+00000000", Sms, "anonymous"),
        ("+10000000000", Sms, "anonymous"),
        ("No Caller ID", Sms, "anonymous"),
        ("Private Number", Sms, "anonymous"),
        ("OUT-OF-AREA", Sms, "anonymous"),
        ("sip:anonymous@anonymous.invalid", Sms, "anonymous"),
        ("sip:Unavailable@unknown.invalid", Sms, "anonymous"),
        ("+17375550100", Sms, "+17375550100"),
        ("client:bob", Sms, "other:client:bob"),
        ("sip:bob@example.org", Sms, "other:sip:bob@example.org"),
        ("messenger:104", Sms, "other:messenger:104"),
        ("rcs:acme_agent", Sms, "other:rcs:acme_agent"),
        ("rcs:+15550100100", Sms, "+15550100100"),
        ("+5215550100100", Sms, "+525550100100"),
        ("whatsapp:+5491155500100", WhatsApp, "+541155500100"),
        ("whatsapp:DE.ENT.11815799212886844830", WhatsApp, "other:DE.ENT.11815799212886844830"),
        ("+123456", Sms, "other:+123456"),
        ("+6834002", Sms, "+6834002"),
        ("+1234567890123456", Sms, "other:+1234567890123456"),
        ("+05550100100", Sms, "other:+05550100100"),
        ("15550100100", Sms, "other:15550100100"),
        ("a very long name", Sms, "other:a very long name"),
        ("\u{0}\u{202e}\n", Sms, "other:\u{202e}"),
        (&"x".repeat(5000), Sms, &["other:", &sixty_four].concat()),
    ] {
        let (got, party) = Party::parse(from);
        assert_eq!((got, party.key().as_str()), (channel, key), "{from:?}");
        assert_eq!(Party::from_key(key), Some(party), "{from:?}");
    }
}

#[test]
fn only_a_phone_and_somebody_on_whatsapp_can_be_texted() {
    for from in ["+15550100100", "rcs:+15550100100", "whatsapp:US.13491208655302741918"] {
        assert!(Party::parse(from).1.can_be_texted(), "{from}");
    }
    for from in ["12345", "ACME", "anonymous", "+266696687", "client:bob"] {
        assert!(!Party::parse(from).1.can_be_texted(), "{from}");
    }
}

#[test]
fn a_key_that_no_party_has_names_nobody() {
    for key in ["short:+15550100100", "other:+15550100100", "alpha:12345", "other:", "ACME", "12345", ""] {
        assert_eq!(Party::from_key(key), None, "{key}");
    }
}

#[test]
fn who_had_a_key_before_a_word_was_known_to_withhold_the_number_keeps_it() {
    for key in [
        "+17378742833",
        "other:Private Number",
        "other:sip:anonymous@anonymous.invalid",
        "alpha:WITHHELD",
        "other:+6834002",
        "+5215550100100",
    ] {
        assert_eq!(Party::from_key(key).map(|party| party.key()).as_deref(), Some(key));
    }
}

#[test]
fn numbers_are_grouped_for_the_eye() {
    for (number, readable) in [
        ("+15550100100", "+1 555 010 0100"),
        ("+447700900123", "+44 7700 900123"),
        ("+33612345678", "+33 612 345678"),
        ("+26658123456", "+266 58 123456"),
        ("+79161234567", "+7 9161 234567"),
        ("+18005550", "+1 8 005550"),
        ("+29012345", "+290 12345"),
    ] {
        assert_eq!(E164::parse(number).unwrap().readable(), readable);
    }
    assert_eq!(Party::parse("").1.readable(), "a withheld number");
    assert_eq!(Party::parse("12345").1.readable(), "12345");
}

proptest! {
    #[test]
    fn whatever_a_stranger_sends_as_from_gets_one_short_name(from in "\\PC{0,90}|[+0-9a-z:\\s\u{0}-\u{20}]{0,20}") {
        let (_, party) = Party::parse(&from);
        let key = party.key();
        prop_assert!(key.chars().count() <= NAME_MAX_CHARS + 6);
        prop_assert!(!party.readable().is_empty());
        prop_assert_eq!(Party::from_key(&key), Some(party));
    }

    #[test]
    fn country_codes_survive(digits in "[1-9][0-9]{6,14}") {
        let number = E164::parse(&["+", &digits].concat()).unwrap();
        prop_assert_eq!(number.digits(), &digits);
        prop_assert_eq!(number.readable().replace(' ', ""), number.as_str());
    }
}

#[test]
fn a_number_is_shown_without_its_middle() {
    for (number, shown) in [("+15550100123", "+1555…0123"), ("+447700900123", "+4477…0123"), ("+2905012", "+…5012")]
    {
        assert_eq!(E164::parse(number).unwrap().masked(), shown);
    }
}
