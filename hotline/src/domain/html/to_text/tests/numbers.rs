//! Numbers that an agent sees and that the source does not say.

use super::texts;

#[test]
fn a_raised_number_is_told_apart() {
    texts(&[
        ("10<sup>5</sup> people", "10^5 people"),
        ("open until 6<sup>30</sup>", "open until 6^30"),
        ("Room 12<sup>1</sup>", "Room 12^1"),
        ("10<sup>-3</sup> and 10<sup>&minus;3</sup>", "10^-3 and 10^−3"),
        ("10<span style='font-size:0.6em; vertical-align: super'>5</span>", "10^5"),
        ("10<sup><a name=x><b>5</b></a></sup>", "10^5"),
        ("1011<sub>2</sub>", "1011_2"),
        ("10<sup>5</sup>6", "10^5 6"),
        ("log<sub>10</sub>5", "log10 5"),
        ("1<sup>1</sup>/<sub>2</sub> cups, <sup>1</sup>/<sub>2</sub>", "1 1/2 cups, 1/2"),
        ("1<sup>1</sup>⁄<sub>2</sub>", "1 1⁄2"),
        ("the 5<sup>th</sup> of May, 1<sup>er</sup>, 9<sup>.99</sup>", "the 5th of May, 1er, 9.99"),
        ("H<sub>2</sub>O, m<sup>2</sup>", "H2O, m2"),
        ("10 <sup>5</sup>", "10 5"),
        ("<span style='vertical-align:super'>5</span>", "5"),
        ("<span style='vertical-align:baseline'>1</span>0", "10"),
    ]);
}

#[test]
fn items_have_the_numbers_that_html_counts() {
    texts(&[
        ("<ol><li value=\"3\">a</li><li>b</li></ol>", "3. a\n4. b"),
        ("<ol><li>a<li value=9>b<li>c<li value=x>d</ol>", "1. a\n9. b\n10. c\n11. d"),
        ("<ol type=\"a\"><li>x</li><li>y</li></ol>", "a. x\nb. y"),
        ("<ol type=A start=26><li>x<li>y</ol>", "Z. x\nAA. y"),
        ("<ol type=i><li>x<li>y<li>z<li>w</ol>", "i. x\nii. y\niii. z\niv. w"),
        ("<ol type=I start=1999><li>x</ol>", "MCMXCIX. x"),
        ("<ol style='list-style-type: lower-alpha'><li>x</ol>", "a. x"),
        ("<ol><li style='list-style-type:upper-roman'>x<li>y</ol>", "I. x\n2. y"),
        ("<ol><li type=a>x<li>y</ol>", "a. x\n2. y"),
        ("<ol reversed><li>x</li><li>y</li><li>z</li></ol>", "3. x\n2. y\n1. z"),
        ("<ol reversed start=10><li>x<li>y</ol>", "10. x\n9. y"),
        ("<ol reversed><li>x<ul><li>in</ul><li>y</ol>", "2. x\n  - in\n1. y"),
        ("<ol start='-1'><li>x<li>y<li>z</ol>", "-1. x\n0. y\n1. z"),
        ("<ol type=a start=0><li>x</ol>", "0. x"),
        ("<ol start='5abc'><li>x</ol>", "5. x"),
        ("<ul style='list-style:none'><li>x<li>y</ul>", "x\ny"),
        ("<ol><li>a</li></ol><ol start=2><li>b</li></ol>", "1. a\n2. b"),
        ("<div><ol><li>a</div>b", "1. a\nb"),
        ("<ol start=2147483647><li>x<li>y</ol>", "2147483647. x\n2147483647. y"),
    ]);
}
