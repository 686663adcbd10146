//! The browser's half: wakes the islands of a page that the server rendered.

// The linker keeps the islands only when something mentions the crate that has them.
use app as _;

/// Called by the page's loader once the module is there.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
