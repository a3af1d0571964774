//! Random numbers that a seed repeats.

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators").
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `from` to `to`, both of them possible.
    pub fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.roll() % (to - from + 1)
    }

    /// The same for instants and spans.
    pub fn span(&mut self, from: i64, to: i64) -> i64 {
        from + self.within(0, (to - from).unsigned_abs()).cast_signed()
    }

    /// Whether something of this probability, in thousandths, happens. What cannot happen uses no roll.
    pub fn happens(&mut self, per_mille: u64) -> bool {
        per_mille > 0 && self.roll() % 1_000 < per_mille
    }

    /// A small number of things.
    pub fn count(&mut self, from: u64, to: u64) -> usize {
        usize::try_from(self.within(from, to)).unwrap_or(0)
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let last = choices.len().checked_sub(1)? as u64;
        choices.get(self.count(0, last))
    }
}
