//! What an agent struck out or cannot see.

use super::super::super::normalised;
use super::super::to_text;
use super::texts;

#[test]
fn what_is_struck_out_is_not_sent() {
    texts(&[
        ("Come at <del>8</del> 9", "Come at 9"),
        ("Come at <s>8</s> 9", "Come at 9"),
        ("Come at <strike>8</strike> 9", "Come at 9"),
        ("Come at <span style=\"text-decoration: line-through\">8</span> 9", "Come at 9"),
        (
            "Come at <span style='color:red; TEXT-DECORATION-LINE : underline LINE-THROUGH !important'>8</span> 9",
            "Come at 9",
        ),
        ("<p style='text-decoration:line-through'>no</p><p>yes</p>", "yes"),
        ("a <s>b <b>c</b></s> d <s><a href='https://example.org'>e</a> <img src=x></s>", "a d"),
        ("<ul><li><del>a</del></li><li>b</li><li style='text-decoration:line-through'>c</li></ul>", "- b"),
        // HTML closes wrongly nested elements so.
        ("<b>a<s>b</b>c</s>d", "ad"),
        ("<p><s>a</p><p>b</s>c</p>", "c"),
        ("a<s>b", "a"),
        ("<s style='text-decoration:none'>a</s>", "a"),
        ("<del>old</del><ins>new</ins> <u>x</u>", "new x"),
        ("a</s></del>b", "ab"),
    ]);
}

#[test]
fn what_nobody_sees_is_not_sent() {
    texts(&[
        ("<div style=\"display:none\">no</div>yes", "yes"),
        ("<div style=\"DISPLAY : None !important; color:red\"><p>no</p><ul><li>no</ul></div>yes", "yes"),
        ("a<span hidden>no</span>b<span hidden=\"until-found\">no</span>", "ab"),
        ("a<template><p>no</p></template>b", "ab"),
        ("a<noscript><p>no</p></noscript>b", "ab"),
        ("<span style='visibility:hidden'>no</span>yes", "yes"),
        ("<span style='visibility:hidden'>no <span style='visibility:visible'>yes</span></span>", "yes"),
        ("<div style='font-size:0px'>no<div style='font-size:13px'>yes</div></div>", "yes"),
        ("<div style='max-height:0;overflow:hidden'>no</div>yes", "yes"),
        ("<span style='opacity:0'>no</span>yes", "yes"),
        ("<video>no</video><dialog>no</dialog><dialog open>yes</dialog>", "yes"),
        ("<table><tr hidden><td>a<td>b</tr><tr><td>c<td>d</table>", "c d"),
        ("<div style='display:none'><div>no</div>no</div>yes", "yes"),
        ("<div style='display:none;display:block'>yes</div>", "yes"),
        ("<div style='opacity:0.5;font-size:10px' aria-hidden=true>yes</div>", "yes"),
        ("<img style='display:none' alt='🙂'>yes", "yes"),
        ("one<p hidden>x</p> line", "one line"),
    ]);
}

#[test]
fn agents_are_told_what_was_sent_where_something_was_left_out() {
    // The receipt compares these two: where they differ, it says what was sent.
    for html in [
        "Come at <del>8</del> 9",
        "Come <span style='text-decoration:line-through'>early</span>",
        "<div style='display:none'>no</div>yes",
        "a <span hidden>no</span>",
        "a<template>no</template>",
        "a<noscript>no</noscript>",
    ] {
        assert_ne!(normalised(html), to_text(html).text, "{html}");
    }
}
