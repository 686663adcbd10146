//! Language and colour scheme. Links, so that they work without JavaScript; the server keeps the choice in a cookie.

use domain::Locale;
use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::{i18n::Text, look::Scheme, shell::Visit};

/// A link per language, the current one marked.
#[component]
pub fn LanguageSwitch(visit: Visit) -> impl IntoView {
    let text = visit.text();
    view! {
        <ul class="flex flex-wrap gap-x-1" aria-label=text.language()>
            {Locale::ALL
                .into_iter()
                .map(|locale| {
                    let current = (locale == visit.locale).then_some("true");
                    let class = "inline-block rounded px-1.5 py-1 hover:text-ink hover:underline aria-[current]:font-semibold aria-[current]:text-ink";
                    view! {
                        <li>
                            <a class=class href=visit.with("lang", locale.tag()) lang=locale.tag() hreflang=locale.tag() aria-current=current>
                                {Text::language_name(locale)}
                            </a>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

/// System, light or dark.
#[component]
pub fn SchemeSwitch(visit: Visit) -> impl IntoView {
    let text = visit.text();
    view! {
        <ul class="flex gap-0.5 rounded-full border border-line p-0.5" aria-label=text.appearance()>
            {Scheme::ALL
                .into_iter()
                .map(|scheme| {
                    let (glyph, label) = match scheme {
                        Scheme::System => (Glyph::Screen, text.appearance_system()),
                        Scheme::Light => (Glyph::Sun, text.appearance_light()),
                        Scheme::Dark => (Glyph::Moon, text.appearance_dark()),
                    };
                    let title = label.clone();
                    let current = (scheme == visit.scheme).then_some("true");
                    let class = "grid size-7 place-items-center rounded-full hover:text-ink aria-[current]:bg-surface aria-[current]:text-ink";
                    view! {
                        <li>
                            <a class=class href=visit.with("theme", scheme.as_str()) title=title aria-current=current>
                                <Icon glyph/>
                                <span class="sr-only">{label}</span>
                            </a>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}
