//! Reading what this server has stored. Limits are asked for once, when a value comes in: what was taken at its time is
//! read ever after, by whatever rule holds now. Texts have a `stored` of their own; what lies in JSON is read by
//! [`read`].

use std::cell::Cell;

use serde::de::DeserializeOwned;

thread_local! {
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Puts back what was before, however reading ends.
struct Reading {
    before: bool,
}

impl Drop for Reading {
    fn drop(&mut self) {
        READING.set(self.before);
    }
}

/// Reads JSON that this server wrote: its form counts, no limit of input does.
///
/// # Errors
/// When it has not the form of such a value.
pub fn read<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    read_bytes(text.as_bytes())
}

/// [`read`] of what was sealed.
///
/// # Errors
/// As [`read`].
pub fn read_bytes<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    let _reading = Reading { before: READING.replace(true) };
    serde_json::from_slice(json)
}

/// Whether it is this module that asks for a value.
pub(crate) fn is_being_read() -> bool {
    READING.get()
}

#[cfg(test)]
mod tests;
