//! Prices as Twilio writes them: decimal numbers in text, which no floating point number holds exactly.

use std::fmt;

/// Digits after the point that are told apart; Twilio's prices have up to four.
const DECIMALS: usize = 6;

/// An amount, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(u64);

impl Price {
    /// Reads `2`, `2.5` or `1.1500`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wanted = || format!("`{text}` is not a price; write it as 2.00");
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || part.len() > DECIMALS || !digits(whole) || !digits(part) {
            return Err(wanted());
        }
        format!("{whole}{part:0<DECIMALS$}").parse().map(Self).map_err(|_| wanted())
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = 10_u64.pow(u32::try_from(DECIMALS).unwrap_or_default());
        let part = format!("{:0DECIMALS$}", self.0 % one);
        // Cents are always shown, what is below them only when it is there.
        let (cents, below) = part.split_at(2);
        write!(f, "{}.{cents}{}", self.0 / one, below.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_compared_to_the_last_digit_and_read_back() {
        for (text, shown) in [("2", "2.00"), ("1.15", "1.15"), ("0.0075", "0.0075"), ("1.1500", "1.15"), ("0", "0.00")]
        {
            assert_eq!(Price::parse(text).unwrap().to_string(), shown);
        }
        assert!(Price::parse("1.15").unwrap() > Price::parse("1.149999").unwrap());
        for wrong in ["", ".", "-1", "1,15", "1.1.1", "$2", "1.1234567", "99999999999999999999"] {
            assert!(Price::parse(wrong).is_err(), "{wrong}");
        }
    }
}
