//! Frames that come in pieces: put together on the socket's side, within bounds, before anything else sees them.

use std::sync::Arc;
use std::time::Duration;

use grid_engine::wire::{MAX_WHOLE, Piece, read_piece};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::closing::Closing;
use super::command::Held;
use super::peer::PeerNumber;

/// Memory for all large frames that are arriving or wait to be judged, in kB.
const BUDGET: u32 = 64 << 10;
/// A whole frame takes at most this long: what a slow line needs for the largest.
const LONGEST: Duration = Duration::from_secs(120);

/// Bounds the memory for large frames, whoever sends them.
#[derive(Clone)]
pub struct Budget(Arc<Semaphore>);

impl Default for Budget {
    /// All of it.
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(BUDGET as usize)))
    }
}

impl Budget {
    /// Memory for this many bytes, until it is dropped; `None` where others have all of it.
    fn take(&self, bytes: usize) -> Option<Held> {
        let kilobytes = u32::try_from(bytes.div_ceil(1024)).ok()?;
        Some(vec![self.0.clone().try_acquire_many_owned(kilobytes).ok()?])
    }
}

/// What a frame has become.
#[derive(Debug)]
pub enum Taken<'a> {
    /// It stands for itself.
    Frame(&'a [u8]),
    /// It was the last piece.
    Whole(Vec<u8>, Held),
    /// More must come.
    Part,
}

/// The frame that is arriving on a connection: one at a time, its pieces one after the other.
pub struct Pieces {
    budget: Budget,
    open: Option<Open>,
}

struct Open {
    peer: PeerNumber,
    of: usize,
    bytes: Vec<u8>,
    held: Held,
    until: Instant,
}

impl Pieces {
    /// Nothing has arrived.
    pub fn new(budget: &Budget) -> Self {
        Self { budget: budget.clone(), open: None }
    }

    /// Takes a peer's next frame.
    ///
    /// # Errors
    /// How to close the connection: pieces of more than a frame may have, of two frames at once, and none left out.
    pub fn take<'a>(&mut self, peer: PeerNumber, frame: &'a [u8]) -> Result<Taken<'a>, Closing> {
        let Some(Piece { of, bytes }) = read_piece(frame) else {
            return if self.open.is_none() { Ok(Taken::Frame(frame)) } else { Err(mixed()) };
        };
        if of > MAX_WHOLE {
            return Err(Closing::too_large(MAX_WHOLE, of));
        }
        let mut open = match self.open.take() {
            Some(open) if open.peer == peer && open.of == of => open,
            Some(_) => return Err(mixed()),
            None => {
                let held = self.budget.take(of).ok_or_else(|| Closing::again("server.busy"))?;
                Open { peer, of, bytes: Vec::new(), held, until: Instant::now() + LONGEST }
            }
        };
        open.bytes.extend_from_slice(bytes);
        if bytes.is_empty() || open.bytes.len() > of {
            return Err(Closing::malformed("frame.malformed: its pieces are not what they say"));
        }
        if open.bytes.len() == of {
            return Ok(Taken::Whole(open.bytes, open.held));
        }
        self.open = Some(open);
        Ok(Taken::Part)
    }

    /// When the frame that is arriving must be whole.
    pub fn until(&self) -> Option<Instant> {
        self.open.as_ref().map(|open| open.until)
    }
}

fn mixed() -> Closing {
    Closing::malformed("frame.malformed: the pieces of one frame follow one another")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use grid_engine::wire::{MAX_FRAME, pieces};

    const MIA: PeerNumber = PeerNumber(1);
    const TOM: PeerNumber = PeerNumber(2);

    fn piece(of: usize, bytes: &[u8]) -> Vec<u8> {
        [&[100], &u32::try_from(of).unwrap().to_be_bytes()[..], bytes].concat()
    }

    #[test]
    fn pieces_become_the_frame_they_were() {
        let budget = Budget::default();
        let mut arriving = Pieces::new(&budget);
        let frame: Vec<u8> = (0..3 * MAX_FRAME).map(|at| at as u8).collect();
        let sent = pieces(frame.clone());
        assert!(sent.len() > 3 && sent.iter().all(|piece| piece.len() < MAX_FRAME));
        let (last, first) = sent.split_last().unwrap();
        for piece in first {
            assert!(matches!(arriving.take(MIA, piece), Ok(Taken::Part)));
            assert!(arriving.until().is_some());
        }
        let Ok(Taken::Whole(whole, held)) = arriving.take(MIA, last) else { panic!("not whole") };
        assert!(whole == frame && arriving.until().is_none());
        let left = budget.0.available_permits();
        drop(held);
        assert_eq!(budget.0.available_permits() - left, frame.len().div_ceil(1024), "until it is judged");
        assert!(matches!(arriving.take(MIA, &[0, 2, 0]), Ok(Taken::Frame([0, 2, 0]))));
    }

    /// Row B1.
    #[test]
    fn b1_pieces_are_bounded_and_not_mixed() {
        let budget = Budget::default();
        let code = |frames: &[(PeerNumber, Vec<u8>)]| {
            let mut arriving = Pieces::new(&budget);
            let closings = frames.iter().find_map(|(peer, frame)| arriving.take(*peer, frame).err());
            closings.map(|closing| (closing.code, closing.reason))
        };
        let too_large = code(&[(MIA, piece(MAX_WHOLE + 1, &[7]))]);
        assert_eq!(too_large, Some((1009, format!("frame.too_large({MAX_WHOLE}, {})", MAX_WHOLE + 1))));
        for frames in [
            vec![(MIA, piece(9, &[1])), (MIA, piece(8, &[1]))],
            vec![(MIA, piece(9, &[1])), (TOM, piece(9, &[1]))],
            vec![(MIA, piece(9, &[1])), (MIA, vec![0, 2, 0])],
            vec![(MIA, piece(2, &[1, 2, 3]))],
            vec![(MIA, piece(2, &[]))],
        ] {
            assert_eq!(code(&frames).map(|closing| closing.0), Some(4400), "{frames:?}");
        }
        assert_eq!(budget.0.available_permits(), BUDGET as usize, "nothing is kept of them");
    }

    #[test]
    fn all_that_arrives_together_has_one_bound() {
        let budget = Budget::default();
        let mut open = Vec::new();
        let refused = loop {
            let mut arriving = Pieces::new(&budget);
            match arriving.take(MIA, &piece(MAX_WHOLE, &[7])) {
                Ok(_) => open.push(arriving),
                Err(closing) => break closing,
            }
        };
        assert_eq!((open.len(), refused.code), (BUDGET as usize * 1024 / MAX_WHOLE, 1013));
        open.pop();
        assert!(Pieces::new(&budget).take(MIA, &piece(MAX_WHOLE, &[7])).is_ok());
    }
}
