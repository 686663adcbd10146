//! What the lists of the dashboard share: their address, filter chips, a table that becomes cards, and pages.

use leptos::prelude::*;

use crate::{
    i18n::Text,
    ui::{ButtonLink, Glyph, Icon, Look},
};

/// The address of a list with its filters; empty ones are left out.
pub fn address(base: &str, filters: &[(&str, &str)]) -> String {
    let mut out = base.to_owned();
    let mut joint = '?';
    for (name, value) in filters.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(joint);
        joint = '&';
        out.push_str(name);
        out.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

/// One choice of a row of filters.
#[derive(Clone, Debug)]
pub struct Chip {
    pub label: String,
    pub href: String,
    pub current: bool,
}

/// Filters of which one holds, as links.
#[component]
pub fn Chips(#[prop(into)] label: String, chips: Vec<Chip>) -> impl IntoView {
    view! {
        <nav aria-label=label>
            <ul class="flex flex-wrap gap-2">
                {chips
                    .into_iter()
                    .map(|chip| view! {
                        <li>
                            <a
                                class="inline-flex min-h-8 items-center rounded-full border border-line px-3 py-1 text-sm text-muted hover:border-edge hover:text-ink aria-[current]:border-brand aria-[current]:bg-brand/10 aria-[current]:font-semibold aria-[current]:text-link"
                                href=chip.href
                                aria-current=chip.current.then_some("true")
                            >
                                {chip.label}
                            </a>
                        </li>
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}

/// A cell of a [`CardTable`]; on a phone `data-label` says what it is.
pub const CELL: &str = "max-md:flex max-md:items-center max-md:justify-between max-md:gap-4 max-md:py-1 md:px-5 md:py-3 before:text-sm before:text-muted before:content-[attr(data-label)] md:before:content-none";

/// The first cell of a row: its heading.
pub const HEAD: &str = "text-left font-normal max-md:pb-1 md:px-5 md:py-3";

/// A row: its first link covers it.
pub const ROW: &str = "relative max-md:grid max-md:gap-0.5 max-md:p-4 hover:bg-sunken/60";

/// A table; on a phone each row is a card with its columns' names. The children are rows.
#[component]
pub fn CardTable(#[prop(into)] caption: String, columns: Vec<String>, children: Children) -> impl IntoView {
    view! {
        <div class="card overflow-hidden">
            <table class="w-full max-md:block" role="table">
                <caption class="sr-only">{caption}</caption>
                <thead class="border-b border-line text-left text-sm text-muted max-md:sr-only" role="rowgroup">
                    <tr role="row">
                        {columns
                            .into_iter()
                            .map(|column| view! { <th scope="col" class="px-5 py-3 font-medium" role="columnheader">{column}</th> })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody class="divide-y divide-line max-md:block" role="rowgroup">{children()}</tbody>
            </table>
        </div>
    }
}

/// On to the next page, back to the first.
#[component]
pub fn Pager(text: Text, first: Option<String>, next: Option<String>) -> impl IntoView {
    (next.is_some() || first.is_some()).then(|| {
        view! {
            <nav class="flex flex-wrap gap-3" aria-label=text.pages()>
                {first.map(|href| view! { <ButtonLink href look=Look::Secondary>{text.first_page()}</ButtonLink> })}
                {next.map(|href| view! {
                    <ButtonLink href look=Look::Secondary>{text.next_page()}<Icon glyph=Glyph::ArrowRight/></ButtonLink>
                })}
            </nav>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_names_what_is_asked_for() {
        assert_eq!(address("/a", &[("q", ""), ("cursor", "")]), "/a");
        assert_eq!(address("/a", &[("q", "ä b&c"), ("s", "x")]), "/a?q=%C3%A4%20b%26c&s=x");
    }
}
