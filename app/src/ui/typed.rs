//! What somebody typed into a field before its island woke.

use leptos::{
    prelude::{RwSignal, Set, document},
    wasm_bindgen::JsCast,
};

/// Takes the text of the input `id` over into `value`; true when there was one. On the server nothing is typed.
pub fn take_typed(id: &str, value: RwSignal<String>) -> bool {
    if !cfg!(feature = "hydrate") {
        return false;
    }
    let input = document().get_element_by_id(id).and_then(|found| found.dyn_into::<web_sys::HtmlInputElement>().ok());
    let typed = input.map(|input| input.value()).filter(|text| !text.is_empty());
    typed.is_some_and(|text| {
        value.set(text);
        true
    })
}
