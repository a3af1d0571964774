//! The secrets of endpoints, and the signatures of what is delivered (Standard Webhooks 1.0).
//!
//! A secret rests nowhere: it is made anew, whenever it is needed, from the deployment's own secret and from whose it is. To
//! whoever does not know that secret it is 24 random bytes. What rests is a check that tells whether the deployment's secret is
//! still the one that it was made from.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::signature::Algorithm;
use super::time::Millis;

/// 24 bytes are the least that Standard Webhooks allows, and 192 bits.
const LENGTH: usize = 24;

/// The most that it allows.
const LONGEST: usize = 64;

const PREFIX: &str = "whsec_";

/// One secret of an endpoint.
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// The secret of this number that the endpoint of a name has had since an instant.
    pub fn of(deployment: &str, endpoint: &str, number: u32, made_at: Millis) -> Self {
        let (number, made_at) = (number.to_be_bytes(), made_at.to_be_bytes());
        let mut bytes =
            Algorithm::Sha256.hmac(deployment, &[b"endpoint secret\0", endpoint.as_bytes(), &[0], &number, &made_at]);
        bytes.truncate(LENGTH);
        Self(bytes)
    }

    /// Reads one that somebody else has made: `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks 1.0, "Signature scheme").
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (LENGTH..=LONGEST).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// As its program holds it.
    pub fn shown(&self) -> String {
        [PREFIX, &STANDARD.encode(&self.0)].concat()
    }

    /// By which it is known again: 64 bits of a hash tell nothing of 192 random bits.
    pub fn check(&self) -> String {
        let hash = Sha256::new().chain_update("endpoint secret check\0").chain_update(&self.0).finalize();
        URL_SAFE_NO_PAD.encode(hash.get(..8).unwrap_or_default())
    }

    /// The signature of a body under an id at an instant, in seconds.
    pub fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let timestamp = timestamp.to_string();
        let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body.as_bytes()];
        ["v1,", &STANDARD.encode(Algorithm::Sha256.hmac_with(&self.0, &parts))].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the reference implementation (standard-webhooks, `libraries/javascript`, tests).
    #[test]
    fn a_signature_is_that_of_the_standard() {
        let secret = WebhookSecret(STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_secret_is_another_one() {
        let of = |deployment, endpoint, number, at| WebhookSecret::of(deployment, endpoint, number, at);
        let secrets = [
            of("a", "crm", 1, 5),
            of("b", "crm", 1, 5),
            of("a", "shop", 1, 5),
            of("a", "crm", 2, 5),
            of("a", "crm", 1, 6),
        ];
        for (at, one) in secrets.iter().enumerate() {
            assert_eq!(STANDARD.decode(one.shown().strip_prefix(PREFIX).unwrap()).unwrap().len(), LENGTH);
            for other in &secrets[at + 1..] {
                assert_ne!((one.shown(), one.check()), (other.shown(), other.check()));
                assert_ne!(one.check(), other.check());
            }
        }
        assert_eq!(of("a", "crm", 1, 5).shown(), secrets[0].shown());
    }
}
