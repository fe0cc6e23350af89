//! The y-protocol messages of a room.

use std::collections::HashMap;

use leptos::prelude::window;
use yrs::StateVector;
use yrs::block::ClientID;
use yrs::encoding::read::Cursor;
use yrs::sync::awareness::AwarenessUpdateEntry;
use yrs::sync::protocol::MessageReader;
use yrs::sync::{AwarenessUpdate, Message, SyncMessage};
use yrs::updates::decoder::{Decode, DecoderV1};
use yrs::updates::encoder::Encode;

/// A message of the server.
#[derive(Debug, PartialEq)]
pub enum Received {
    /// What the server has seen; it wants what it lacks.
    StateVector(Vec<u8>),
    /// The answer to our own state vector: the room is up to date.
    Missing(Vec<u8>),
    Update(Vec<u8>),
    /// Other peers' presence, by client: its clock and JSON.
    Presence(Vec<(u64, u32, String)>),
    /// The server asks for our presence.
    PresenceQuery,
    /// The room may not be joined.
    Denied(String),
}

/// Reads the messages of a frame; what cannot be read is left out.
pub fn read(frame: &[u8]) -> Vec<Received> {
    let mut decoder = DecoderV1::new(Cursor::new(frame));
    MessageReader::new(&mut decoder)
        .map_while(Result::ok)
        .filter_map(|message| {
            Some(match message {
                Message::Sync(SyncMessage::SyncStep1(state)) => Received::StateVector(state.encode_v1()),
                Message::Sync(SyncMessage::SyncStep2(update)) => Received::Missing(update),
                Message::Sync(SyncMessage::Update(update)) => Received::Update(update),
                Message::Awareness(update) => Received::Presence(
                    update
                        .clients
                        .into_iter()
                        .map(|(client, entry)| (client.get(), entry.clock, entry.json.to_string()))
                        .collect(),
                ),
                Message::AwarenessQuery => Received::PresenceQuery,
                Message::Auth(Some(reason)) => Received::Denied(reason),
                Message::Auth(None) | Message::Custom(..) => return None,
            })
        })
        .collect()
}

/// The encoded state vector of a replica that holds nothing.
pub const NOTHING_SEEN: [u8; 1] = [0];

/// Asks for what a replica with this encoded state vector lacks.
pub fn state_vector(encoded: &[u8]) -> Vec<u8> {
    let state = StateVector::decode_v1(encoded).unwrap_or_default();
    Message::Sync(SyncMessage::SyncStep1(state)).encode_v1()
}

/// What the server lacks.
pub fn missing(update: Vec<u8>) -> Vec<u8> {
    Message::Sync(SyncMessage::SyncStep2(update)).encode_v1()
}

/// A change made here.
pub fn update(update: Vec<u8>) -> Vec<u8> {
    Message::Sync(SyncMessage::Update(update)).encode_v1()
}

/// Where this person is; `null` when leaving.
pub fn presence(client: u64, clock: u32, json: &str) -> Vec<u8> {
    let entry = AwarenessUpdateEntry { clock, json: json.into() };
    Message::Awareness(AwarenessUpdate { clients: HashMap::from([(ClientID::new(client), entry)]) }).encode_v1()
}

/// Asks where the others are.
pub fn presence_query() -> Vec<u8> {
    Message::AwarenessQuery.encode_v1()
}

/// How many of each client's changes an encoded state vector includes.
pub fn clocks(encoded: &[u8]) -> impl Fn(u64) -> u32 + use<> {
    let state = StateVector::decode_v1(encoded).unwrap_or_default();
    move |client| state.get(&ClientID::new(client))
}

/// The first encoded state vector, with all the second includes of some clients.
pub fn seen_too(encoded: &[u8], other: &[u8], clients: &[u64]) -> Vec<u8> {
    let mut state = StateVector::decode_v1(encoded).unwrap_or_default();
    let clock = clocks(other);
    clients.iter().for_each(|client| state.set_max(ClientID::new(*client), clock(*client)));
    state.encode_v1()
}

/// Bytes as a text.
pub fn to_base64(bytes: &[u8]) -> String {
    // `btoa` takes one character per byte.
    let characters: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    window().btoa(&characters).unwrap_or_default()
}

/// The bytes of a text.
pub fn from_base64(text: &str) -> Vec<u8> {
    // `atob` gives one character per byte.
    window().atob(text).map(|bytes| bytes.chars().map(|byte| byte as u8).collect()).unwrap_or_default()
}
