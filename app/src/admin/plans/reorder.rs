//! Dragging plans into another order. Without it, the buttons up and down do the same.

use leptos::{
    ev::DragEvent,
    prelude::*,
    web_sys::{Element, HtmlFormElement, HtmlInputElement},
};
use wasm_bindgen::JsCast;

/// Wraps the list; its items carry `data-plan`, and inside each something is draggable. A drop sends the new order.
#[island(lazy)]
pub fn Reorder(children: Children) -> impl IntoView {
    let form = NodeRef::<leptos::html::Form>::new();
    let held = StoredValue::new_local(None::<Element>);
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
        let Some(form) = form.get() else { return };
        send(&form, &item);
    };
    view! {
        <div on:dragstart=start on:dragover=over on:drop=move |event| event.prevent_default() on:dragend=end>
            {children()}
            <form node_ref=form method="post" hidden>
                <input type="hidden" name="action" value="reorder"/>
                <input type="hidden" name="order" value=""/>
            </form>
        </div>
    }
}

/// Posts the ids in their new order.
fn send(form: &HtmlFormElement, item: &Element) {
    let Some(items) = item.parent_element().map(|list| list.children()) else { return };
    let ids: Vec<_> = (0..items.length()).filter_map(|i| items.item(i)?.get_attribute("data-plan")).collect();
    let input = form.query_selector("[name=order]").ok().flatten();
    if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) {
        input.set_value(&ids.join(","));
        let _ = form.submit();
    }
}
