//! Questions before something changes. Without a terminal nobody can answer, so nothing is changed.

use std::io::{self, IsTerminal, Write};

use crate::failure::{Exit, Failure, Outcome};

/// Goes on only when the person says yes; `yes` says so beforehand.
pub fn yes_or_no(question: &str, yes: bool) -> Outcome {
    if yes {
        return Ok(());
    }
    let answer = ask(&format!("{question} [y/N] "), "--yes")?;
    if matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes") {
        Ok(())
    } else {
        Err(not_confirmed("Nothing was changed."))
    }
}

/// Goes on only when the person types `wanted` anew, which is shown as `shown`; `given` is `--confirm`.
pub fn typed(wanted: &str, shown: &str, given: Option<&str>) -> Outcome {
    let flag = format!("--confirm {shown}");
    let answer = match given {
        Some(given) => given.to_owned(),
        None => ask(&format!("Type {shown} in full to go on: "), &flag)?,
    };
    if answer == wanted { Ok(()) } else { Err(not_confirmed("That is something else. Nothing was changed.")) }
}

fn ask(question: &str, flag: &str) -> Outcome<String> {
    let unanswered =
        || not_confirmed(&format!("Nobody can answer without a terminal; {flag} does. Nothing was changed."));
    if !io::stdin().is_terminal() {
        return Err(unanswered());
    }
    eprint!("{question}");
    let mut line = String::new();
    let read = io::stderr().flush().and_then(|()| io::stdin().read_line(&mut line));
    if read.is_err() { Err(unanswered()) } else { Ok(line.trim().to_owned()) }
}

fn not_confirmed(message: &str) -> Failure {
    Failure::new("not_confirmed", message).exit(Exit::NotConfirmed)
}
