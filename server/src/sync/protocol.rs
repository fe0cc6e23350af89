//! Frames of the y-protocols, as the stock `y-websocket` client sends and reads them.
//!
//! Frames are taken apart here rather than by the library's reader: it allocates by declared counts and decodes
//! state vectors at once, and these bytes come from anyone.

use yrs::sync::protocol::{
    MSG_AUTH, MSG_AWARENESS, MSG_QUERY_AWARENESS, MSG_SYNC, MSG_SYNC_STEP_1, MSG_SYNC_STEP_2, MSG_SYNC_UPDATE,
};

/// One message of a peer.
#[derive(Debug, PartialEq, Eq)]
pub enum PeerMessage {
    /// What the peer has: an encoded state vector.
    Step1(Vec<u8>),
    /// What the server lacked, in answer to the server's step 1.
    Step2(Vec<u8>),
    /// A change.
    Update(Vec<u8>),
    /// Presence of one or more clients.
    Awareness(Vec<u8>),
    QueryAwareness,
}

impl PeerMessage {
    /// Whether it brings changes, to be acknowledged.
    pub fn is_change(&self) -> bool {
        matches!(self, Self::Step2(_) | Self::Update(_))
    }
}

/// A frame that is none of these, and where.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a y-protocol message (byte {0})")]
pub struct BadFrame(pub usize);

/// Reads one frame.
pub fn read_frame(bytes: &[u8]) -> Result<PeerMessage, BadFrame> {
    let mut reader = Reader { bytes, at: 0 };
    let kind = reader.number()?;
    let message = match u8::try_from(kind).map_err(|_| BadFrame(0))? {
        MSG_SYNC => match u8::try_from(reader.number()?).map_err(|_| BadFrame(1))? {
            MSG_SYNC_STEP_1 => PeerMessage::Step1(reader.block()?.to_vec()),
            MSG_SYNC_STEP_2 => PeerMessage::Step2(reader.block()?.to_vec()),
            MSG_SYNC_UPDATE => PeerMessage::Update(reader.block()?.to_vec()),
            _ => return Err(BadFrame(1)),
        },
        MSG_AWARENESS => PeerMessage::Awareness(reader.block()?.to_vec()),
        MSG_QUERY_AWARENESS => PeerMessage::QueryAwareness,
        _ => return Err(BadFrame(0)),
    };
    if reader.at == bytes.len() { Ok(message) } else { Err(BadFrame(reader.at)) }
}

/// The frame that asks a peer for what this state vector lacks.
pub fn step1(state_vector: &[u8]) -> Vec<u8> {
    frame(&[MSG_SYNC, MSG_SYNC_STEP_1], state_vector)
}

/// The frame that answers a step 1.
pub fn step2(update: &[u8]) -> Vec<u8> {
    frame(&[MSG_SYNC, MSG_SYNC_STEP_2], update)
}

/// The frame of a change.
pub fn update(update: &[u8]) -> Vec<u8> {
    frame(&[MSG_SYNC, MSG_SYNC_UPDATE], update)
}

/// The frame of an encoded awareness update.
pub fn awareness(update: &[u8]) -> Vec<u8> {
    frame(&[MSG_AWARENESS], update)
}

/// The frame that says that something was refused; stock clients write it to their console.
pub fn denied(reason: &str) -> Vec<u8> {
    // Zero: permission denied.
    frame(&[MSG_AUTH, 0], reason.as_bytes())
}

/// A state vector of some writers and their clocks.
pub fn state_vector(clocks: &[(u64, u64)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_number(&mut bytes, clocks.len() as u64);
    for (writer, clock) in clocks {
        write_number(&mut bytes, *writer);
        write_number(&mut bytes, *clock);
    }
    bytes
}

fn frame(head: &[u8], block: &[u8]) -> Vec<u8> {
    let mut bytes = head.to_vec();
    write_number(&mut bytes, block.len() as u64);
    bytes.extend_from_slice(block);
    bytes
}

/// Appends a number in lib0's variable-length form.
pub(super) fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads lib0's variable-length numbers and blocks; every declared length is checked against what is there.
pub(super) struct Reader<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Reader<'a> {
    pub fn number(&mut self) -> Result<u64, BadFrame> {
        let mut number = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or(BadFrame(self.at))?;
            self.at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(BadFrame(self.at))
    }

    pub fn block(&mut self) -> Result<&'a [u8], BadFrame> {
        let start = self.at;
        let length = usize::try_from(self.number()?).map_err(|_| BadFrame(start))?;
        let end = self.at.checked_add(length).ok_or(BadFrame(start))?;
        let block = self.bytes.get(self.at..end).ok_or(BadFrame(start))?;
        self.at = end;
        Ok(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yrs::sync::{Message, SyncMessage};
    use yrs::updates::encoder::Encode;

    #[test]
    fn frames_are_those_of_the_library() {
        for length in [0, 1, 127, 128, 300, 70_000] {
            let block = vec![7; length];
            assert_eq!(update(&block), Message::Sync(SyncMessage::Update(block.clone())).encode_v1());
            assert_eq!(step2(&block), Message::Sync(SyncMessage::SyncStep2(block.clone())).encode_v1());
            assert_eq!(read_frame(&update(&block)), Ok(PeerMessage::Update(block)));
        }
        let vector = yrs::StateVector::default();
        assert_eq!(step1(&vector.encode_v1()), Message::Sync(SyncMessage::SyncStep1(vector)).encode_v1());
        assert_eq!(read_frame(&Message::AwarenessQuery.encode_v1()), Ok(PeerMessage::QueryAwareness));
        assert_eq!(denied("acl.write"), Message::Auth(Some("acl.write".to_owned())).encode_v1());
        let clocks = yrs::StateVector::from_iter([(yrs::block::ClientID::new(300), 7)]);
        assert_eq!(state_vector(&[(300, 7)]), clocks.encode_v1());
    }

    #[test]
    fn other_bytes_are_refused_where_they_go_wrong() {
        let cases: [(&[u8], usize); 8] = [
            (&[], 0),
            (&[9], 0),
            (&[0, 7], 1),
            (&[0, 2, 5, 1], 2),
            (&[0, 2, 1, 1, 1], 4),
            (&[0, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], 11),
            (&[0, 2, 0xff, 0xff, 0xff, 0xff, 0x0f], 2),
            (&[3, 1], 1),
        ];
        for (bytes, at) in cases {
            assert_eq!(read_frame(bytes), Err(BadFrame(at)), "{bytes:?}");
        }
    }
}
