//! Tables.

use leptos::prelude::*;

/// A table that scrolls sideways where the screen is narrow. The children are rows.
#[component]
pub fn Table(
    /// Says what the table holds, for screen readers.
    #[prop(into)]
    caption: String,
    columns: Vec<String>,
    children: Children,
) -> impl IntoView {
    let label = caption.clone();
    view! {
        <div class="card overflow-x-auto" tabindex="0" role="region" aria-label=label>
            <table class="w-full text-left [&_td]:px-4 [&_td]:py-3 [&_th]:px-4 [&_th]:py-3">
                <caption class="sr-only">{caption}</caption>
                <thead class="border-b border-line text-sm text-muted">
                    <tr>
                        {columns
                            .into_iter()
                            .map(|column| view! { <th scope="col" class="font-medium">{column}</th> })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody class="divide-y divide-line">{children()}</tbody>
            </table>
        </div>
    }
}
