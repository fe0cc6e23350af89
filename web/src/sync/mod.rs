//! Synchronisation with the server.
