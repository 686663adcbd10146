//! Copies ids, keys, URLs and code.

use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::i18n::Text;

/// A button that copies `value` and says so for two seconds. There is none before the page is alive.
#[island(lazy)]
pub fn CopyButton(value: String, text: Text) -> impl IntoView {
    let copied = RwSignal::new(false);
    let label = move || if copied.get() { text.copied() } else { text.copy() };
    let copy = move |_| {
        let clipboard = window().navigator().clipboard();
        // The promise is refused where the page may not write: then the label stays as it is.
        let written = wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&value));
        leptos::task::spawn_local(async move {
            if written.await.is_ok() {
                copied.set(true);
                set_timeout(move || copied.set(false), std::time::Duration::from_secs(2));
            }
        });
    };
    view! {
        <button type="button" class="button button-secondary button-small hidden in-[[data-alive]]:inline-flex" on:click=copy>
            <Show when=move || copied.get() fallback=|| view! { <Icon glyph=Glyph::Copy/> }>
                <Icon glyph=Glyph::Check/>
            </Show>
            <span aria-live="polite">{label}</span>
        </button>
    }
}
