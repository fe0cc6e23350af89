//! Pseudo-random numbers by seed (xorshift64*, Vigna 2016).

pub(super) struct Draw {
    state: u64,
}

impl Draw {
    pub fn new(seed: u64) -> Self {
        // A state of zero would stay there.
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    /// From 0 up to but not 1.
    pub fn share(&mut self) -> f64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About that share of the numbers below `count`, in order, and at least one.
    pub fn some(&mut self, count: usize, share: f64) -> Vec<u32> {
        let mut chosen: Vec<u32> = (0..count as u32).filter(|_| self.share() < share).collect();
        if chosen.is_empty() {
            chosen.push((self.share() * count as f64) as u32);
        }
        chosen
    }
}
