//! Which fields of a form were changed and left: a field shows what the server said of it until then, from then on
//! what is wrong with it now.

use std::collections::HashSet;

use leptos::{ev::Event, prelude::*};
use wasm_bindgen::JsCast;

/// The names of those fields.
#[derive(Clone, Copy, Default)]
pub struct Touched(RwSignal<HashSet<String>>);

impl Touched {
    pub fn has(self, field: &str) -> bool {
        self.0.with(|fields| fields.contains(field))
    }

    /// Takes a `change` event of any of the form's controls.
    pub fn take(self, event: &Event) {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let Some(field) = target.and_then(|target| target.get_attribute("name")) {
            self.0.update(|fields| {
                fields.insert(field);
            });
        }
    }
}
