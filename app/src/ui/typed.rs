//! What somebody typed into the controls of an island before it woke.

use leptos::{
    prelude::{Effect, document, untrack},
    wasm_bindgen::JsCast,
};
use web_sys::HtmlInputElement;

/// Hands the text of the control `id` to `take` where it is no longer `held`, what the server wrote. To be called
/// before the view is made, which may set the control; `take` runs once the view is awake and may change it.
/// On the server nothing is typed.
pub fn take_typed(id: &str, held: &str, take: impl FnOnce(String) + 'static) {
    let typed = control(id).map(|control| control.value()).filter(|text| text != held);
    if let Some(typed) = typed {
        once_awake(move || take(typed));
    }
}

/// As [`take_typed`], for a checkbox.
pub fn take_checked(id: &str, held: bool, take: impl FnOnce(bool) + 'static) {
    let checked = control(id).map(|control| control.checked()).filter(|checked| *checked != held);
    if let Some(checked) = checked {
        once_awake(move || take(checked));
    }
}

fn control(id: &str) -> Option<HtmlInputElement> {
    if !cfg!(feature = "hydrate") {
        return None;
    }
    // `value` is read in the same way from an input, a select and a text area.
    document().get_element_by_id(id).map(JsCast::unchecked_into)
}

fn once_awake(take: impl FnOnce() + 'static) {
    let mut take = Some(take);
    Effect::new(move |_| {
        if let Some(take) = take.take() {
            untrack(take);
        }
    });
}
