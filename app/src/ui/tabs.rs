//! Tabs that are links: each is a page of its own.

use leptos::prelude::*;

/// One tab.
#[derive(Clone, Debug)]
pub struct Tab {
    pub label: String,
    pub href: String,
    pub current: bool,
}

/// A row of tabs; more rows where one does not hold them, so that none is out of sight.
#[component]
pub fn Tabs(#[prop(into)] label: String, tabs: Vec<Tab>) -> impl IntoView {
    view! {
        <nav aria-label=label class="border-b border-line">
            <ul class="flex flex-wrap gap-x-1">
                {tabs
                    .into_iter()
                    .map(|tab| {
                        let class = if tab.current {
                            "block whitespace-nowrap border-b-2 border-brand px-3 py-2 sm:py-2.5 font-semibold"
                        } else {
                            "block whitespace-nowrap border-b-2 border-transparent px-3 py-2 sm:py-2.5 text-muted hover:text-ink hover:border-line"
                        };
                        let current = tab.current.then_some("page");
                        view! { <li><a class=class href=tab.href aria-current=current>{tab.label}</a></li> }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}
