//! The hash of the first release, for what it has left in rows, and for what is spread over a while. 32 bits are no identity:
//! nothing new is known by it.

/// FNV-1a.
pub(crate) fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
