//! Connection overrides: the fragment of a webhook's URL (Twilio, "Webhooks: Connection Overrides").

/// How a webhook is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Overrides {
    /// `rc`: how many retries at most.
    pub(super) retries: u32,
    /// `rp`: what is retried.
    pub(super) policy: Vec<Retry>,
    /// `rt`: how long an answer may take, in milliseconds.
    pub(super) read_ms: u64,
    /// `tt`: how long all attempts may take together, in milliseconds.
    pub(super) total_ms: u64,
}

/// What went wrong with an attempt, as far as `rp` tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    ClientError,
    ServerError,
    Connection,
    Read,
}

/// The retry policy names something unknown (error 11243).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnknownPolicy;

impl Default for Overrides {
    fn default() -> Self {
        Self { retries: 1, policy: vec![Retry::Connection], read_ms: 15_000, total_ms: 15_000 }
    }
}

impl Overrides {
    /// Reads the fragment without its `#`; what is out of its range takes the nearest value in it.
    ///
    /// `ct` is known and without effect: a loopback connection is made or refused at once.
    pub(super) fn read(fragment: &str) -> Result<Self, UnknownPolicy> {
        let mut read = Self::default();
        for (name, value) in fragment.split('&').filter_map(|pair| pair.split_once('=')) {
            let number = value.parse::<u64>().ok();
            match (name, number) {
                ("rc", Some(count)) => read.retries = u32::try_from(count).unwrap_or(u32::MAX).min(5),
                ("rt", Some(ms)) => read.read_ms = ms.clamp(100, 15_000),
                ("tt", Some(ms)) => read.total_ms = ms.clamp(100, 15_000),
                ("rp", _) => read.policy = policy(value)?,
                _ => {}
            }
        }
        Ok(read)
    }
}

fn policy(list: &str) -> Result<Vec<Retry>, UnknownPolicy> {
    let mut policy = Vec::new();
    for name in list.split(',') {
        match name {
            "4xx" => policy.push(Retry::ClientError),
            "5xx" => policy.push(Retry::ServerError),
            "ct" => policy.push(Retry::Connection),
            "rt" => policy.push(Retry::Read),
            "all" => policy.extend([Retry::ClientError, Retry::ServerError, Retry::Connection, Retry::Read]),
            _ => return Err(UnknownPolicy),
        }
    }
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_are_read_within_their_ranges() {
        let all = vec![Retry::ClientError, Retry::ServerError, Retry::Connection, Retry::Read];
        let default = Overrides::default();
        let cases = [
            ("", Ok(default.clone())),
            ("rc=9", Ok(Overrides { retries: 5, ..default.clone() })),
            (
                "rc=3&rp=5xx,rt",
                Ok(Overrides { retries: 3, policy: vec![Retry::ServerError, Retry::Read], ..default.clone() }),
            ),
            ("rt=50&tt=99999&ct=7", Ok(Overrides { read_ms: 100, total_ms: 15_000, ..default.clone() })),
            ("rp=all", Ok(Overrides { policy: all, ..default })),
            ("rp=never", Err(UnknownPolicy)),
        ];
        for (fragment, expected) in cases {
            assert_eq!(Overrides::read(fragment), expected, "{fragment}");
        }
    }
}
