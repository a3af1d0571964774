//! Names of hosts in other letters than ASCII's, as addresses carry them (RFC 3492): `xn--mnchen-3ya` is `münchen`.

/// Numbers of RFC 3492, section 5.
const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const FIRST_BIAS: u32 = 72;
const FIRST_CODE: u32 = 0x80;

/// A label has at most 63 characters (RFC 1035).
const LONGEST: usize = 63;

/// What a label of a host's name says; `None` when it is not encoded.
pub(super) fn decoded(label: &str) -> Option<String> {
    let encoded = label.strip_prefix("xn--").filter(|encoded| encoded.is_ascii() && encoded.len() <= LONGEST)?;
    let (plain, digits) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    let mut said: Vec<char> = plain.chars().collect();
    let (mut code, mut place, mut bias) = (FIRST_CODE, 0u32, FIRST_BIAS);
    let mut digits = digits.chars();
    while !digits.as_str().is_empty() {
        let before = place;
        let (mut weight, mut k) = (1u32, BASE);
        loop {
            let digit = value(digits.next()?)?;
            place = place.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            k += BASE;
        }
        let length = u32::try_from(said.len()).ok()? + 1;
        bias = adapted(place - before, length, before == 0);
        code = code.checked_add(place / length)?;
        place %= length;
        said.insert(usize::try_from(place).ok()?, char::from_u32(code)?);
        place += 1;
    }
    Some(said.into_iter().collect())
}

/// Letters are the digits 0 to 25, and figures those from 26 on.
fn value(digit: char) -> Option<u32> {
    match digit {
        'a'..='z' => Some(u32::from(digit) - u32::from('a')),
        '0'..='9' => Some(u32::from(digit) - u32::from('0') + 26),
        _ => None,
    }
}

fn adapted(delta: u32, length: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / DAMP } else { delta / 2 };
    delta += delta / length;
    let mut k = 0;
    while delta > ((BASE - T_MIN) * T_MAX) / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}
