//! The 12-character ids everything is known by.

use std::fmt;
use std::str::FromStr;

const RADIX: u64 = 36;
const MAX_LENGTH: usize = 12;
/// Ids from here up to 36¹² print as exactly twelve characters.
const FIRST_LONG: u64 = RADIX.pow(11);
const COUNT_LONG: u64 = RADIX.pow(12) - FIRST_LONG;

/// A short text of `a–z0–9` that fits a machine word, so that ids are readable in documents and
/// logs and cost nothing to copy or compare.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u64);

/// Not an id: 1–12 characters of `a–z0–9`, the first not `0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to 12 characters of a-z and 0-9 and does not start with 0")]
pub struct BadId;

impl Id {
    /// Twelve characters from any number, e.g. a random one the caller drew.
    pub fn from_number(number: u64) -> Self {
        Self(FIRST_LONG + number % COUNT_LONG)
    }

    /// The number [`from_number`](Self::from_number) made this from, where it was below 36¹² − 36¹¹.
    pub fn number(self) -> Option<u64> {
        self.0.checked_sub(FIRST_LONG)
    }

    /// Twelve characters derived from a key's parts (FNV-1a over length-prefixed parts, then a
    /// final mix). Two of a million keys meet with probability 10⁻⁷.
    pub fn of_key(parts: &[&str]) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut feed = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        for part in parts {
            (part.len() as u32).to_le_bytes().into_iter().for_each(&mut feed);
            part.bytes().for_each(&mut feed);
        }
        // The finaliser of MurmurHash3: FNV alone spreads its high bits poorly over short keys.
        hash ^= hash >> 33;
        hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash ^= hash >> 33;
        hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^= hash >> 33;
        Self::from_number(hash)
    }

    /// The readable id of a name (`Net price` gives `netprice`), or one derived from the name
    /// where too little of it can be kept.
    pub fn of_name(name: &str) -> Self {
        let slug: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        let kept = name.chars().filter(|c| c.is_alphanumeric()).count();
        match slug.parse() {
            Ok(id) if slug.len() == kept => id,
            _ => Self::of_key(&[name]),
        }
    }

    /// Appends its characters: formulas are full of ids, and the machinery of `write!` costs more than they do.
    pub fn push_to(self, out: &mut String) {
        let (digits, from) = self.digits();
        out.push_str(std::str::from_utf8(&digits[from..]).unwrap_or_default());
    }

    /// Its characters, at the end of an array, and where they begin.
    fn digits(self) -> ([u8; MAX_LENGTH + 1], usize) {
        let mut digits = [0_u8; MAX_LENGTH + 1];
        let mut at = digits.len();
        let mut rest = self.0;
        while rest > 0 {
            at -= 1;
            digits[at] = b"0123456789abcdefghijklmnopqrstuvwxyz"[(rest % RADIX) as usize];
            rest /= RADIX;
        }
        (digits, at)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (digits, from) = self.digits();
        f.write_str(std::str::from_utf8(&digits[from..]).unwrap_or_default())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Id {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        if text.is_empty() || text.len() > MAX_LENGTH || text.starts_with('0') {
            return Err(BadId);
        }
        text.bytes()
            .try_fold(0_u64, |sum, byte| {
                let digit = match byte {
                    b'0'..=b'9' => byte - b'0',
                    b'a'..=b'z' => byte - b'a' + 10,
                    _ => return Err(BadId),
                };
                Ok(sum * RADIX + u64::from(digit))
            })
            .map(Self)
    }
}
