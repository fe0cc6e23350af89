//! The lines between people and the server: opened, cut, and what goes over them.

use equipoise_server::sync::{Aside, Frame, Input, Output, PeerNumber, read_frame};

use super::World;
use super::rules::is_on_disk;
use crate::client::{Down, Source};
use crate::disk::Write;
use crate::plan;

impl World {
    pub(super) fn connect(&mut self, who: usize) -> Result<(), String> {
        if self.server.is_none() {
            return Ok(());
        }
        let client = &self.clients[who];
        let live = (!client.sockets.contains_key(&None)).then_some(None);
        let missing: Vec<Source> = live.into_iter().chain(client.missing_rooms().into_iter().map(Some)).collect();
        for source in missing {
            let peer = PeerNumber(self.next_peer);
            self.next_peer += 1;
            self.peers.insert(peer, (who, source));
            self.clients[who].open(source, peer);
            let me = plan::me(who);
            let input = match source {
                Some(room) => Input::JoinRoom { peer, me, room, writers: vec![self.clients[who].writer] },
                None => Input::JoinLive { peer, me, jobs: Vec::new() },
            };
            self.take(input)?;
        }
        Ok(())
    }

    /// Joins and departures stand in the server's queue while it waits for its disk: here the disk is quick then.
    pub(super) fn take(&mut self, input: Input) -> Result<(), String> {
        while self.is_waiting {
            self.write(true)?;
        }
        if let Some(server) = &mut self.server {
            server.tick(self.now);
            server.take(input);
        }
        self.deliver()
    }

    pub(super) fn cut(&mut self, who: usize) -> Result<(), String> {
        let sources: Vec<Source> = self.clients[who].sockets.keys().copied().collect();
        let all = self.dice.roll(2) == 0;
        for source in sources {
            if (all || self.dice.roll(3) == 0)
                && let Some(peer) = self.clients[who].lose(source)
            {
                self.peers.remove(&peer);
                self.take(Input::Leave { peer })?;
            }
        }
        Ok(())
    }

    /// Something a person has sent reaches the server.
    pub(super) fn arrive(&mut self, who: usize) -> Result<(), String> {
        if self.is_waiting || self.server.is_none() {
            return Ok(());
        }
        let open: Vec<Source> =
            self.clients[who].sockets.iter().filter(|(_, socket)| !socket.up.is_empty()).map(|(at, _)| *at).collect();
        if open.is_empty() {
            return Ok(());
        }
        let source = open[self.dice.roll(open.len())];
        let mut may_take_more = true;
        for _ in 0..1 + self.dice.roll(3) {
            let Some(socket) = self.clients[who].sockets.get_mut(&source) else { break };
            let (peer, Some(bytes)) = (socket.peer, socket.up.pop_front()) else { break };
            let message = read_frame(&bytes).map_err(|error| error.to_string())?;
            if let Some(server) = &mut self.server {
                server.tick(self.now);
                may_take_more = server.take(Input::Sync { peer, message });
            }
            if !may_take_more {
                break;
            }
        }
        self.deliver()?;
        if may_take_more { Ok(()) } else { self.end_turn() }
    }

    /// Does what the server asks for, and looks at what it says.
    pub(super) fn deliver(&mut self) -> Result<(), String> {
        let Some(server) = &mut self.server else { return Ok(()) };
        for output in server.outputs() {
            match output {
                Output::Send { peer, frame, .. } => {
                    let Some((who, source)) = self.peers.get(&peer).copied() else { continue };
                    is_on_disk(&self.disk, source, &frame)?;
                    self.tally.saved += usize::from(matches!(&frame, Frame::Text(text) if text.contains("saved")));
                    if let Some(socket) = self.clients[who].sockets.get_mut(&source) {
                        socket.down.push_back(Down::Frame(frame));
                    }
                }
                Output::Close { peer, closing } => {
                    let Some((who, source)) = self.peers.remove(&peer) else { continue };
                    self.tally.sent_away += usize::from(closing.code == 4409);
                    if let Some(socket) = self.clients[who].sockets.get_mut(&source) {
                        socket.down.clear();
                        socket.down.push_back(Down::Closed(closing));
                    }
                }
                Output::Aside(aside) => {
                    self.tally.folds += usize::from(matches!(aside, Aside::Fold { .. }));
                    self.disk.queue.push_back(Write::Aside(aside));
                }
                Output::Wanted(_)
                | Output::Versions(_)
                | Output::Doubts(_)
                | Output::Scenarios
                | Output::InputsMoved => {}
            }
        }
        Ok(())
    }

    /// Something reaches a person.
    pub(super) fn read(&mut self, who: usize) -> Result<(), String> {
        let sources: Vec<Source> =
            self.clients[who].sockets.iter().filter(|(_, socket)| !socket.down.is_empty()).map(|(at, _)| *at).collect();
        if sources.is_empty() {
            return Ok(());
        }
        let source = sources[self.dice.roll(sources.len())];
        (0..1 + self.dice.roll(4)).try_for_each(|_| self.clients[who].read_one(source))
    }
}
