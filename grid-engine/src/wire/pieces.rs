//! A frame larger than a peer may send, in pieces.
//!
//! A pasted block or a week offline is one update, taken or refused as one, but a frame is small, so that what anyone
//! may send is known before much of it has arrived. A piece is a frame of its own: [`PIECE`], the bytes of the whole
//! frame as a big-endian number of four bytes, and the next of them. The pieces of a frame follow one another on the
//! connection; when the last is there, the whole is read as if it had come in one. Only peers send pieces.

use crate::doc::MAX_SENT;

/// Largest frame a peer may send.
pub const MAX_FRAME: usize = 256 << 10;
/// Largest frame it may send in pieces: some eighty thousand cells.
pub const MAX_WHOLE: usize = MAX_SENT;
/// The kind of frame, beside those of the y-protocols (0 to 3).
const PIECE: u8 = 100;
const HEAD: usize = 5;
/// Room for the head and for the address of a shared connection.
const PIECE_BYTES: usize = MAX_FRAME - 64;

/// Part of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Bytes of the whole frame.
    pub of: usize,
    pub bytes: &'a [u8],
}

/// What to send for a frame: itself, or its pieces in order.
///
/// ```
/// use grid_engine::wire::{MAX_FRAME, pieces, read_piece};
///
/// assert_eq!(pieces(vec![0, 2, 0]), [vec![0, 2, 0]]);
/// let large = vec![7; MAX_FRAME];
/// let sent = pieces(large.clone());
/// let read: Vec<u8> = sent.iter().flat_map(|piece| read_piece(piece).unwrap().bytes).copied().collect();
/// assert!(sent.len() == 2 && read == large);
/// ```
pub fn pieces(frame: Vec<u8>) -> Vec<Vec<u8>> {
    if frame.len() <= PIECE_BYTES {
        return vec![frame];
    }
    let of = u32::try_from(frame.len()).unwrap_or(u32::MAX).to_be_bytes();
    frame.chunks(PIECE_BYTES).map(|bytes| [&[PIECE], &of[..], bytes].concat()).collect()
}

/// Reads a piece; `None`: the frame is none, but stands for itself.
pub fn read_piece(frame: &[u8]) -> Option<Piece<'_>> {
    let (head, bytes) = frame.split_at_checked(HEAD)?;
    let (kind, of) = head.split_first()?;
    let of = u32::from_be_bytes(of.try_into().ok()?) as usize;
    (*kind == PIECE).then_some(Piece { of, bytes })
}
