//! The frame of hosted pages: the product's logo and name, one box, and a quiet foot.

use leptos::prelude::*;

use crate::{
    look::Product,
    shell::{Document, Islands, Visit},
    ui::{LanguageSwitch, SchemeSwitch},
};

/// How wide the content may grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// One card of at most 400 pixels.
    #[default]
    Card,
    /// Cards below each other.
    Page,
    /// Cards below each other, and what leads to other pages in a column before them; above them on a narrow screen.
    Beside,
    /// Cards side by side.
    Wide,
}

/// A hosted page in its product's theme. The title is the heading of the content, too.
#[component]
pub fn Hosted(
    visit: Visit,
    product: Product,
    #[prop(into)] title: String,
    #[prop(optional)] width: Width,
    #[prop(optional)] islands: Islands,
    children: Children,
) -> impl IntoView {
    let tab = if title.contains(&product.name) { title } else { format!("{title} · {}", product.name) };
    let (body, main) = match width {
        Width::Card => ("grid w-full max-w-[25rem] content-center gap-6 pt-8", "grid gap-6"),
        Width::Page => {
            ("grid w-full max-w-3xl grid-cols-1 content-start gap-8 pt-8 sm:pt-12", "grid grid-cols-1 gap-6")
        }
        Width::Beside => (
            "grid w-full max-w-5xl grid-cols-1 content-start gap-8 pt-8 sm:pt-12",
            "grid grid-cols-1 gap-6 lg:grid-cols-[13rem_minmax(0,1fr)] lg:gap-10",
        ),
        Width::Wide => ("grid w-full max-w-6xl content-start gap-8 pt-8 sm:pt-12", "grid gap-8"),
    };
    view! {
        <Document title=tab visit=visit.clone() theme=product.theme.clone() islands>
            <div class="grid min-h-dvh grid-cols-1 grid-rows-[1fr_auto] justify-items-center px-4">
                <div class=body>
                    <header class="flex justify-center">
                        <Brand product=product.clone()/>
                    </header>
                    <main id="main" class=main>{children()}</main>
                </div>
                <div class="print:hidden">
                    <Foot visit product/>
                </div>
            </div>
        </Document>
    }
}

/// The logo and the name. A logo stands beside the name, so that it needs no text of its own; one that cannot be had
/// leaves its room empty.
#[component]
fn Brand(product: Product) -> impl IntoView {
    let initial = product.name.chars().next().unwrap_or('T').to_uppercase().to_string();
    let logo = match product.logo {
        Some(path) => view! {
            <img src=path alt="" width="40" height="40" class="size-10 flex-none object-contain"/>
        }
        .into_any(),
        None => view! {
            <span
                class="grid size-10 flex-none place-items-center rounded-box bg-brand text-lg font-bold text-brand-ink"
                aria-hidden="true"
            >
                {initial}
            </span>
        }
        .into_any(),
    };
    view! {
        <p class="flex items-center gap-3 text-xl font-semibold tracking-tight">
            {logo}
            <span class="min-w-0" dir="auto">{product.name}</span>
        </p>
    }
}

#[component]
fn Foot(visit: Visit, product: Product) -> impl IntoView {
    let text = visit.text();
    let theme = product.theme;
    let links =
        [(theme.support_url, text.support()), (theme.terms_url, text.terms()), (theme.privacy_url, text.privacy())];
    let links = links
        .into_iter()
        .filter_map(|(url, label)| {
            let url = url?.as_str().to_owned();
            Some(view! { <li><a class="inline-block py-1 hover:text-ink hover:underline" href=url>{label}</a></li> })
        })
        .collect::<Vec<_>>();
    view! {
        <footer class="flex flex-wrap items-center justify-center gap-x-5 gap-y-2 py-8 text-sm text-muted">
            {(!links.is_empty()).then(|| view! { <ul class="flex flex-wrap gap-x-4">{links}</ul> })}
            <LanguageSwitch visit=visit.clone()/>
            <SchemeSwitch visit/>
        </footer>
    }
}

/// The heading of a hosted page and, beneath it, one sentence.
#[component]
pub fn Heading(#[prop(into)] title: String, #[prop(optional, into)] body: Option<String>) -> impl IntoView {
    view! {
        <div class="grid gap-2">
            <h1 class="text-balance text-2xl font-semibold leading-tight tracking-tight">{title}</h1>
            {body.map(|body| view! { <p class="text-pretty text-muted">{body}</p> })}
        </div>
    }
}
