//! Dragging plans into another order. Without it, the buttons up and down do the same.

use domain::id::{ApplicationId, PlanId};
use leptos::{
    ev::DragEvent,
    prelude::*,
    task::spawn_local,
    web_sys::{Element, HtmlFormElement, HtmlInputElement},
};
use wasm_bindgen::JsCast;

use super::api::reorder_plans;
use crate::{
    i18n::Text,
    ui::{Alert, Tone},
};

/// Wraps the list; its items carry `data-plan`, and inside each something is draggable. A drop saves the new order in
/// place; where that fails, a form sends it, and the page comes back with the reason.
#[island(lazy)]
pub fn Reorder(text: Text, application: ApplicationId, children: Children) -> impl IntoView {
    let form = NodeRef::<leptos::html::Form>::new();
    let held = StoredValue::new_local(None::<Element>);
    let saved = RwSignal::new(false);
    let item_of = |event: &DragEvent| {
        let target = event.target()?.dyn_into::<Element>().ok()?;
        target.closest("[data-plan]").ok()?
    };
    let start = move |event: DragEvent| {
        let Some(item) = item_of(&event) else { return };
        if let Some(transfer) = event.data_transfer() {
            transfer.set_effect_allowed("move");
            transfer.set_drag_image(&item, 16, 16);
            // Firefox drags nothing that carries no data.
            let _ = transfer.set_data("text/plain", &item.get_attribute("data-plan").unwrap_or_default());
        }
        let _ = item.class_list().add_1("opacity-50");
        saved.set(false);
        held.set_value(Some(item));
    };
    let over = move |event: DragEvent| {
        let (Some(held), Some(item)) = (held.get_value(), item_of(&event)) else { return };
        event.prevent_default();
        if held == item {
            return;
        }
        let Some(list) = item.parent_node() else { return };
        let middle = item.get_bounding_client_rect();
        let below = f64::from(event.client_y()) > middle.top() + middle.height() / 2.0;
        let before = if below { item.next_sibling() } else { Some(item.into()) };
        let _ = list.insert_before(&held, before.as_ref());
    };
    let end = move |_: DragEvent| {
        let Some(item) = held.get_value() else { return };
        held.set_value(None);
        let _ = item.class_list().remove_1("opacity-50");
        let items = items(&item);
        spawn_local(async move {
            match reorder_plans(application, order(&items)).await {
                Ok(()) => {
                    end_buttons(&items);
                    saved.set(true);
                }
                Err(_) => {
                    if let Some(form) = form.get_untracked() {
                        send(&form, &items);
                    }
                }
            }
        });
    };
    view! {
        <div
            class="grid gap-3"
            on:dragstart=start
            on:dragover=over
            on:drop=move |event| event.prevent_default()
            on:dragend=end
        >
            <div class="empty:hidden" aria-live="polite">
                {move || saved.get().then(|| view! { <Alert tone=Tone::Good>{text.done_moved()}</Alert> })}
            </div>
            {children()}
            <form node_ref=form method="post" hidden>
                <input type="hidden" name="action" value="reorder"/>
                <input type="hidden" name="order" value=""/>
            </form>
        </div>
    }
}

/// All items of the list, in the order in which they stand now.
fn items(item: &Element) -> Vec<Element> {
    let Some(all) = item.parent_element().map(|list| list.children()) else { return Vec::new() };
    (0..all.length()).filter_map(|i| all.item(i)).collect()
}

fn order(items: &[Element]) -> Vec<PlanId> {
    items.iter().filter_map(|item| item.get_attribute("data-plan")?.parse().ok()).collect()
}

/// The first item has no way up, the last none down.
fn end_buttons(items: &[Element]) {
    for (at, item) in items.iter().enumerate() {
        for (value, end) in [("up", at == 0), ("down", at + 1 == items.len())] {
            let button = item.query_selector(&format!("[value={value}]")).ok().flatten();
            if let Some(button) = button {
                // Refused only for a malformed name.
                let _ = button.toggle_attribute_with_force("disabled", end);
            }
        }
    }
}

/// Posts the ids in their new order.
fn send(form: &HtmlFormElement, items: &[Element]) {
    let ids: Vec<_> = order(items).iter().map(ToString::to_string).collect();
    let input = form.query_selector("[name=order]").ok().flatten();
    if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) {
        input.set_value(&ids.join(","));
        let _ = form.submit();
    }
}
