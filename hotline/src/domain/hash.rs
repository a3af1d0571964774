//! A short hash for what need not be kept out of anybody's hands.

/// FNV-1a: rows need not hold long texts to know them again.
pub(crate) fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
