//! Code to copy into a product.

use leptos::prelude::*;

use crate::{i18n::Text, ui::CopyButton};

/// One snippet.
pub struct Snippet {
    pub name: String,
    pub code: String,
}

/// Snippets, one of them open at a time.
#[component]
pub fn Snippets(
    text: Text,
    all: Vec<Snippet>,
    /// The index of the one that is open at first.
    #[prop(optional)]
    open: Option<usize>,
) -> impl IntoView {
    view! {
        <div class="grid min-w-0 gap-2">
            {all
                .into_iter()
                .enumerate()
                .map(|(index, snippet)| view! {
                    <details class="min-w-0 rounded-box border border-line" name="snippet" open={open == Some(index)}>
                        <summary class="px-4 py-2.5 font-medium">{snippet.name}</summary>
                        <div class="grid min-w-0 gap-3 border-t border-line p-4">
                            <pre class="min-w-0 overflow-x-auto text-sm leading-relaxed" tabindex="0"><code>{snippet.code.clone()}</code></pre>
                            <div><CopyButton value=snippet.code text/></div>
                        </div>
                    </details>
                })
                .collect_view()}
        </div>
    }
}
