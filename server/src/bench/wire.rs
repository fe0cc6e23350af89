//! Writing and reading updates by hand: a load generator has no core to spare for five hundred documents.

/// A block that sets a key of a root map (no origin, content `Any`).
pub const SETS_KEY: u8 = 0x28;
const ORIGIN: u8 = 0x80;
const GC: u8 = 0;
const DELETED: u8 = 1;
const ANY: u8 = 8;
const FLOAT64: u8 = 123;
const FLOAT32: u8 = 124;
const INTEGER: u8 = 125;

/// The frame of an update that sets keys of root maps to numbers: root, key and value of each.
pub fn update_frame(writer: u64, clock: u64, sets: &[(&str, &str, f64)]) -> Vec<u8> {
    let mut body = vec![1];
    number(&mut body, sets.len() as u64);
    number(&mut body, writer);
    number(&mut body, clock);
    for (root, key, value) in sets {
        body.extend([SETS_KEY, 1]);
        text(&mut body, root);
        text(&mut body, key);
        body.extend([1, FLOAT64]);
        body.extend(value.to_be_bytes());
    }
    body.push(0);
    framed(&body)
}

/// An update as a message of the y-protocols.
pub fn framed(update: &[u8]) -> Vec<u8> {
    let mut frame = vec![0, 2];
    number(&mut frame, update.len() as u64);
    frame.extend(update);
    frame
}

/// Reads an update frame of this test: tells the writer, how many ticks, and the number where there is one.
/// `None`: it is no update frame, or holds what this test never writes.
pub fn read_update(frame: &[u8], mut hear: impl FnMut(u64, u64, Option<f64>)) -> Option<()> {
    let mut reader = Reader { bytes: frame, at: 0 };
    if (reader.number()?, reader.number()?) != (0, 2) {
        return None;
    }
    reader.number()?;
    for _ in 0..reader.number()? {
        let blocks = reader.number()?;
        let writer = reader.number()?;
        reader.number()?;
        for _ in 0..blocks {
            let info = reader.byte()?;
            if info == GC {
                hear(writer, reader.number()?, None);
                continue;
            }
            if info & ORIGIN != 0 {
                reader.number()?;
                reader.number()?;
            } else {
                reader.number()?;
                reader.skip_text()?;
                reader.skip_text()?;
            }
            match info & 0x1f {
                DELETED => hear(writer, reader.number()?, None),
                ANY => {
                    reader.number()?;
                    hear(writer, 1, Some(reader.value()?));
                }
                _ => return None,
            }
        }
    }
    Some(())
}

/// Writes a number as Yjs does, seven bits to a byte.
pub fn number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Writes a text with its length before it.
pub fn text(bytes: &mut Vec<u8>, text: &str) {
    number(bytes, text.len() as u64);
    bytes.extend(text.as_bytes());
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// A number in whichever form the server found shortest.
    fn value(&mut self) -> Option<f64> {
        Some(match self.byte()? {
            FLOAT64 => f64::from_be_bytes(self.take(8)?.try_into().ok()?),
            FLOAT32 => f64::from(f32::from_be_bytes(self.take(4)?.try_into().ok()?)),
            INTEGER => {
                let first = self.byte()?;
                let rest = if first >= 0x80 { self.number()? << 6 } else { 0 };
                (rest | u64::from(first & 0x3f)) as f64
            }
            _ => return None,
        })
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(taken)
    }

    fn skip_text(&mut self) -> Option<()> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let frame = update_frame(900_000, 300, &[("c:m1", "row", 0.5)]);
        let mut heard = Vec::new();
        read_update(&frame, |writer, ticks, value| heard.push((writer, ticks, value))).unwrap();
        assert_eq!(heard, [(900_000, 1, Some(0.5))]);
        assert_eq!(read_update(&[1, 2, 3], |_, _, _| ()), None);
    }
}
