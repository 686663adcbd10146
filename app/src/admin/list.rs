//! What the lists of the dashboard share: their address, filter chips, what they are sorted by, a table that becomes
//! cards, and pages.

use leptos::prelude::*;
use service::sorted::{Direction, Sort, SortedBy};

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

/// What an address says of how a list is sorted: nothing when it is as it always is.
pub fn sort_value<C: SortedBy>(sort: Sort<C>) -> String {
    if sort == Sort::default() { String::new() } else { sort.to_string() }
}

/// The heading of a column. One that the list can be sorted by is a link.
#[derive(Clone, Debug)]
pub struct Heading {
    label: String,
    sorting: Option<Sorting>,
}

#[derive(Clone, Debug)]
struct Sorting {
    /// Sorts by this column, or the other way.
    href: String,
    /// Which way the list is sorted by this column now.
    current: Option<Direction>,
}

impl From<String> for Heading {
    fn from(label: String) -> Self {
        Self { label, sorting: None }
    }
}

impl Heading {
    /// Of a column that the list can be sorted by. `sort` is what it is sorted by now, `href` the first page sorted by
    /// something else.
    pub fn sorted<C: SortedBy>(label: String, column: C, sort: Sort<C>, href: impl Fn(Sort<C>) -> String) -> Self {
        let current = (sort.by == column).then_some(sort.direction);
        Self { label, sorting: Some(Sorting { href: href(sort.pressed(column)), current }) }
    }

    fn chip(self, text: Text) -> Option<Chip> {
        let Sorting { href, current } = self.sorting?;
        let label = match current {
            Some(Direction::Ascending) => text.sorted_ascending(self.label),
            Some(Direction::Descending) => text.sorted_descending(self.label),
            None => self.label,
        };
        Some(Chip { label, href, current: current.is_some() })
    }

    fn view(self) -> impl IntoView {
        let Self { label, sorting } = self;
        let aria = sorting.as_ref().and_then(|sorting| sorting.current).map(|current| match current {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        });
        let content = match sorting {
            None => label.into_any(),
            Some(Sorting { href, current }) => {
                let glyph = current.map(|current| match current {
                    Direction::Ascending => Glyph::ArrowUp,
                    Direction::Descending => Glyph::ArrowDown,
                });
                view! {
                    <span class="md:hidden">{label.clone()}</span>
                    <a class="inline-flex min-h-6 items-center gap-1.5 underline underline-offset-4 hover:text-ink max-md:hidden" href=href>
                        {label}
                        {glyph.map(|glyph| view! { <Icon glyph/> })}
                    </a>
                }
                .into_any()
            }
        };
        view! { <th scope="col" class="px-5 py-3 font-medium" role="columnheader" aria-sort=aria>{content}</th> }
    }
}

/// What the list can be sorted by, on a phone, where it has no headings.
#[component]
pub fn SortChips(text: Text, headings: Vec<Heading>) -> impl IntoView {
    let chips = headings.into_iter().filter_map(|heading| heading.chip(text)).collect();
    view! { <div class="md:hidden"><Chips label=text.sort_by() chips/></div> }
}

/// A cell of a [`CardTable`]; on a phone `data-label` says what it is. What is too long for it breaks there.
pub const CELL: &str = "before:wrap-normal max-md:wrap-anywhere max-md:flex max-md:items-center max-md:justify-between max-md:gap-4 max-md:py-1 md:px-5 md:py-3 before:text-sm before:text-muted before:content-[attr(data-label)] md:before:content-none";

/// The first cell of a row: its heading. A name without a space breaks; the column stays wide enough for words.
pub const HEAD: &str = "text-left font-normal wrap-anywhere max-md:pb-1 md:min-w-40 md:px-5 md:py-3";

/// A name in a later cell, which breaks like that of [`HEAD`].
pub const NAME: &str = "wrap-anywhere max-md:text-right md:min-w-28";

/// A date in a cell, which stays on one line.
pub const DATE: &str = "whitespace-nowrap";

/// A row: its first link covers it.
pub const ROW: &str = "relative max-md:grid max-md:grid-cols-1 max-md:gap-0.5 max-md:p-4 hover:bg-sunken/60";

/// A table, which scrolls where it does not fit; on a phone each row is a card with its columns' names. The children
/// are rows.
#[component]
pub fn CardTable<H: Into<Heading> + 'static>(
    #[prop(into)] caption: String,
    columns: Vec<H>,
    children: Children,
) -> impl IntoView {
    let heading = |column: H| {
        let heading: Heading = column.into();
        heading.view()
    };
    let headings = columns.into_iter().map(heading).collect_view();
    let label = caption.clone();
    view! {
        <div class="card overflow-x-auto max-md:overflow-hidden" tabindex="0" role="region" aria-label=label>
            <table class="w-full max-md:block" role="table">
                <caption class="sr-only">{caption}</caption>
                <thead class="border-b border-line text-left text-sm text-muted max-md:sr-only" role="rowgroup">
                    <tr role="row">{headings}</tr>
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
