//! Amounts of money as others write them: decimals, which are added as such.

/// The most digits of an amount: they and a sum of many fit into 128 bits.
const MOST_DIGITS: usize = 30;

/// The sum of amounts such as `-0.00790`, with as many digits behind the point as the longest has; `None` when one is no amount,
/// or there is none.
pub fn sum<'a>(amounts: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let amounts: Vec<(i128, usize)> = amounts.into_iter().map(read).collect::<Option<_>>()?;
    let digits = amounts.iter().map(|(_, digits)| *digits).max()?;
    let mut whole: i128 = 0;
    for (amount, own) in amounts {
        let scale = 10_i128.checked_pow(u32::try_from(digits - own).ok()?)?;
        whole = whole.checked_add(amount.checked_mul(scale)?)?;
    }
    Some(written(whole, digits))
}

/// An amount without its point, and how many digits stand behind that.
fn read(text: &str) -> Option<(i128, usize)> {
    let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (before, behind) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = [before, behind].concat();
    let is_amount =
        !before.is_empty() && digits.len() <= MOST_DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_amount.then(|| digits.parse().ok().map(|amount: i128| (sign * amount, behind.len())))?
}

fn written(whole: i128, digits: usize) -> String {
    let sign = if whole < 0 { "-" } else { "" };
    let all = format!("{:0width$}", whole.unsigned_abs(), width = digits + 1);
    let (before, behind) = all.split_at(all.len() - digits);
    if digits == 0 { format!("{sign}{before}") } else { format!("{sign}{before}.{behind}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_added_to_the_last_digit() {
        for (amounts, added) in [
            (vec!["-0.00790"], Some("-0.00790")),
            (vec!["-0.00790", "-0.0050"], Some("-0.01290")),
            (vec!["0.1", "0.2"], Some("0.3")),
            (vec!["-0.1", "0.1"], Some("0.0")),
            (vec!["-1", "-0.999"], Some("-1.999")),
            (vec!["5", "6"], Some("11")),
            (vec![], None),
            (vec!["0.1", ""], None),
            (vec![".5"], None),
            (vec!["1e3"], None),
            (vec!["-"], None),
            (vec!["0.0000000000000000000000000000001"], None),
        ] {
            assert_eq!(sum(amounts.iter().copied()).as_deref(), added, "{amounts:?}");
        }
    }
}
