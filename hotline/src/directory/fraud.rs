//! Which numbers may be rung. Whoever gets hold of a dialler calls numbers that pay them (Twilio, Preventing toll fraud),
//! so both ends of a call stand in a list of countries, and numbers that cost extra are refused within them too.

use super::StepContext;
use crate::sidebar::Refusal;
use crate::twilio::lookup::Phone;

/// Numbers that cost extra, by how they begin. A country's list is the ranges that its regulator calls premium rate,
/// shared cost or personal numbering.
const COSTLY: [(&str, &str); 22] = [
    // ITU-T, list of assigned country codes: satellites (870, 881), international networks (882, 883), universal
    // personal numbers (878), shared cost (808), premium rate (979).
    ("", "870 881 882 883 878 808 979"),
    // North American Numbering Plan: area code 900.
    ("1", "900"),
    // Ofcom, National Telephone Numbering Plan: 070, 084, 087, 09, and directory enquiries 118.
    ("44", "70 84 87 9 118"),
    // Bundesnetzagentur: 0900, 0137, 0138, 0180, 0700, 118xy.
    ("49", "900 137 138 180 700 118"),
    // Arcep, plan de numérotation: 08 but for free numbers.
    ("33", "81 82 89"),
    // CNMC: 803, 806, 807, 905, 907, 118xy.
    ("34", "803 806 807 905 907 118"),
    // AGCOM: 89, 199, 178.
    ("39", "89 199 178"),
    // ACM: 0900, 0906, 0909, 084, 087.
    ("31", "900 906 909 84 87"),
    // BIPT: 090, 070.
    ("32", "90 70"),
    // BAKOM: 0900, 0901, 0906, 084.
    ("41", "900 901 906 84"),
    // RTR: 0900, 0901, 0930, 0931, 0939, 0810, 0820.
    ("43", "900 901 930 931 939 810 820"),
    // PTS: 0900, 0939, 0944.
    ("46", "900 939 944"),
    // Nkom: 820, 829.
    ("47", "820 829"),
    // Traficom: 0600, 0700.
    ("358", "600 700"),
    // UKE: 070.
    ("48", "70"),
    // ComReg: 15.
    ("353", "15"),
    // ANACOM: 760, 761, 707, 708.
    ("351", "760 761 707 708"),
    // ACMA, Telecommunications Numbering Plan: 190.
    ("61", "190"),
    // New Zealand, Number Administration Deed: 0900.
    ("64", "900"),
    // MIC, Japan: 0990, 0570.
    ("81", "990 570"),
    // IFT, Mexico: 900.
    ("52", "900"),
    // Anatel, Brazil: 0900, 0300.
    ("55", "900 300"),
];

/// Why a number may not be rung.
pub(super) struct Refused(pub Refusal);

/// Whether a number costs extra.
fn is_costly(number: &str) -> bool {
    let digits = number.trim_start_matches('+');
    let begins = |(country, prefixes): &(&str, &str)| {
        digits.strip_prefix(country).is_some_and(|rest| prefixes.split(' ').any(|prefix| rest.starts_with(prefix)))
    };
    COSTLY.iter().any(begins)
}

/// Why a phone may not be rung: `None` when it may.
pub(super) fn may_ring(ctx: &StepContext, phone: &Phone) -> Option<Refused> {
    let refused = |code, words| Some(Refused(Refusal { status: 403, code, words }));
    let ours = ctx.config.hotlines.iter().flat_map(|hotline| hotline.numbers.iter().chain(&hotline.whatsapp));
    if ours.into_iter().any(|number| number.as_str() == phone.number) {
        return refused("own_number", "That is a hotline's own number. It would call itself.");
    }
    if is_costly(&phone.number) {
        return refused("premium_number", "Numbers that cost extra cannot be called.");
    }
    let countries = ctx.hotline.and_then(|hotline| hotline.callback.as_ref()).map(|callback| &callback.countries);
    // Where nobody may call, a phone may still be named.
    if countries.is_some_and(|countries| !countries.iter().any(|country| country.as_str() == phone.country)) {
        return refused("country_not_allowed", "Numbers in that country cannot be called from this hotline.");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_pay_whoever_is_called_are_known() {
        for costly in [
            "+19005550100",
            "+870776001000",
            "+881601234567",
            "+882161234567",
            "+9791234567",
            "+449011234567",
            "+447012345678",
            "+61190212345",
        ] {
            assert!(is_costly(costly), "{costly}");
        }
        for plain in ["+15550100100", "+447700900123", "+442079460000", "+33612345678", "+4930123456", "+18005550100"] {
            assert!(!is_costly(plain), "{plain}");
        }
    }
}
