//! Addresses that are wrapped, or written in two ways.

use super::super::to_text;
use super::texts;

#[test]
fn a_wrapped_address_is_said_as_it_was_written() {
    for wrapped in [
        "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fmap%3Fa%3D1&amp;data=05%7C02%7Cann%40example.org&amp;sdata=x%3D&amp;reserved=0",
        "https://gcc01.safelinks.protection.office365.us/?url=https%3A%2F%2Fexample.org%2Fmap%3Fa%3D1&amp;data=x",
        "HTTPS://EUR01.SafeLinks.Protection.Outlook.com/GetUrlReputation?Url=https%3A%2F%2Fexample.org%2Fmap%3Fa%3D1",
        "https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url=https%3A%2F%2Fexample.org%2Fmap%3Fa%3D1&amp;locale=en",
        "https://www.google.com/url?q=https://example.org/map?a%3D1&amp;sa=D&amp;source=docs&amp;ust=1",
        "https://www.google.co.uk/url?sa=t&amp;url=https%3A%2F%2Fexample.org%2Fmap%3Fa%3D1&amp;usg=x",
        "http://google.de/url?q=https%3A%2F%2Fexample.org%2Fmap%3Fa%3D1",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__example.org_map-3Fa-3D1&amp;d=DwMF&amp;c=x",
        "https://urldefense.com/v3/__https://example.org/map?a=1__;!!AbC!xyz$",
        "https://urldefense.com/v3/__https:/example.org/map*a=1__;Pw!!AbC!xyz$",
        // bt #36: encoded twice, with the agent's mail address.
        "https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fmap%3Fa%3D1%26data%3D05%7C01%7Cann%40example.org%7Ce0db%26sdata%3Dx%26reserved%3D0",
        // unmangleOutlookSafelinks #15: references that were decoded too late.
        "https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fmap%3Fa%3D1&amp;amp;data=02%7C01&amp;amp;sdata=x&amp;amp;reserved=0",
        "https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fexample.org%2fmap%3fa%3d1&amp;c=E,1,x",
        "https://secure-web.cisco.com/1AbC-dEf/https%3A%2F%2Fexample.org%2Fmap%3Fa%3D1",
        "https://protect.checkpoint.com/v2/___https://example.org/map?a=1___.YXAx",
        "https://clicktime.symantec.com/3AbC?u=https%3A%2F%2Fexample.org%2Fmap%3Fa%3D1",
        "https://protect2.fireeye.com/url?k=x&amp;u=https%3A%2F%2Fexample.org%2Fmap%3Fa%3D1",
        "https://us-west-2.protection.sophos.com/?d=example.org&amp;u=aHR0cHM6Ly9leGFtcGxlLm9yZy9tYXA_YT0x&amp;p=m",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fmap%3Fa%3D1&amp;h=x",
        // By two services, one after the other.
        "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fexample.org%252Fmap%253Fa%253D1&amp;data=x",
    ] {
        texts(&[
            (&format!("<a href=\"{wrapped}\">https://example.org/map?a=1</a>"), "https://example.org/map?a=1"),
            (&format!("<a href=\"{wrapped}\">the map</a>!"), "the map (https://example.org/map?a=1)!"),
            (&format!("<a href=\"{wrapped}\">{wrapped}</a>"), "https://example.org/map?a=1"),
            (
                &format!("<a href=\"{wrapped}\">{}</a>", wrapped.split_once("://").unwrap().1),
                "https://example.org/map?a=1",
            ),
            (&format!("See {wrapped}, today"), "See https://example.org/map?a=1, today"),
        ]);
    }
}

#[test]
fn a_link_may_say_what_it_was_before() {
    let safe = "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.com&amp;data=x";
    texts(&[
        (
            &format!("<a href=\"{safe}\" originalsrc=\"https://example.org/map?a=1\" shash=x>the map</a>"),
            "the map (https://example.org/map?a=1)",
        ),
        (
            "<a href=\"https://protect-us.mimecast.com/s/AbC\" originalsrc=\"https://example.org/\">example.org</a>",
            "https://example.org/",
        ),
        ("<a href=\"https://protect-us.mimecast.com/s/AbC\">here</a>", "here (https://protect-us.mimecast.com/s/AbC)"),
        (
            "<a href='https://nam02.safelinks.protection.outlook.com/?url=mailto%3Aann%40example.org&amp;data=x'>Ann</a>",
            "Ann (ann@example.org)",
        ),
        // The browser follows `href`.
        (
            "<a href=\"https://example.com/\" originalsrc=\"https://example.org/\">here</a>",
            "here (https://example.com/)",
        ),
    ]);
}

#[test]
fn what_a_service_replaced_in_an_address_is_put_back() {
    for (wrapped, address) in [
        ("https://urldefense.com/v3/__https://example.org/*a__;Iw!!AbC$", "https://example.org/#a"),
        ("https://urldefense.com/v3/__https://example.org/x**Ay*z__;Iz8-!!AbC$", "https://example.org/x#?y>z"),
        ("https://urldefense.com/v3/__https://example.org/a__;!!AbC$", "https://example.org/a"),
    ] {
        assert_eq!(to_text(&format!("<a href=\"{wrapped}\">here</a>")).text, format!("here ({address})"));
    }
    // Something is missing: the address would be another one.
    let broken = "https://urldefense.com/v3/__https://example.org/*a__;!!AbC$";
    assert_eq!(to_text(&format!("<a href=\"{broken}\">here</a>")).text, format!("here ({broken})"));
}

#[test]
fn what_only_looks_wrapped_stays() {
    for address in [
        "https://example.org/?url=https%3A%2F%2Fexample.com",
        "https://safelinks.protection.outlook.com.example.org/?url=https%3A%2F%2Fexample.com",
        "https://notgoogle.com/url?q=https%3A%2F%2Fexample.com",
        "https://www.google.example.org/url?q=https%3A%2F%2Fexample.com",
        "https://www.google.com/search?q=https%3A%2F%2Fexample.com",
        "https://www.google.com/url?q=javascript%3Aalert(1)",
        "https://nam02.safelinks.protection.outlook.com/?data=x",
    ] {
        let html = format!("<a href=\"{address}\">here</a>");
        assert_eq!(to_text(&html).text, format!("here ({address})"));
    }
}

#[test]
fn an_address_that_differs_only_in_encoding_is_said_once() {
    texts(&[
        ("<a href='https://example.org/caf%C3%A9'>https://example.org/café</a>", "https://example.org/caf%C3%A9"),
        (
            "<a href='https://example.org/a%20b?c=%5B1%5D'>example.org/a b?c=[1]</a>",
            "https://example.org/a%20b?c=%5B1%5D",
        ),
        ("<a href='https://example.org/a%2cb'>https://example.org/a%2Cb</a>", "https://example.org/a%2cb"),
        ("<a href='https://xn--mnchen-3ya.example/'>münchen.example</a>", "https://xn--mnchen-3ya.example/"),
        (
            "<a href='https://example.org/?a=1&amp;amp;b=2'>https://example.org/?a=1&amp;b=2</a>",
            "https://example.org/?a=1&amp;b=2",
        ),
        ("<a href='mailto:ann%2Bx@example.org'>ann+x@example.org</a>", "ann+x@example.org"),
        ("<a href='mailto:Ann@example.org'>mailto:ann@example.org</a>", "mailto:ann@example.org"),
        ("<a href='tel:%2B1%20555%20010%200001'>+1 (555) 010-0001</a>", "+1 (555) 010-0001"),
        (
            "<a href='https://example.org/a/long/way/to/the/map'>https://example.org/a/long…</a>",
            "https://example.org/a/long/way/to/the/map",
        ),
        ("<a href='https://example.org/b'>https://example.org/a</a>", "https://example.org/a (https://example.org/b)"),
        ("<a href='https://example.org'><del>no</del></a> yes", "yes"),
        ("<a href='https://example.org'><img src=x width=1 height=1></a> yes", "yes"),
        ("<a href='https://example.org'><span hidden>no</span> yes</a>", "yes (https://example.org)"),
        ("<a href='mailto:?subject=x'>write</a> <a href='tel:'>call</a>", "write call"),
    ]);
}
