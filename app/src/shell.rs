//! The document around every page: language, colour scheme, theme, stylesheet, and the loader of islands.

use domain::{Locale, theme::Theme};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::{i18n::Text, look::Scheme, ui::escape};

/// One visitor's way of seeing a page.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    pub locale: Locale,
    /// The visitor chose this language, here or in their profile.
    pub settled: bool,
    pub scheme: Scheme,
    /// The page's own address without the parameters that switch language and scheme.
    pub here: String,
    /// Below this path lie stylesheet, scripts and pictures of this version of the site.
    pub assets: &'static str,
}

impl Visit {
    pub const fn text(&self) -> Text {
        Text(self.locale)
    }

    /// Follows the language that an application asks for, unless the visitor chose one.
    pub fn prefer(mut self, locale: Option<Locale>) -> Self {
        if let (false, Some(locale)) = (self.settled, locale) {
            self.locale = locale;
        }
        self
    }

    /// The page's own address with one more parameter.
    pub fn with(&self, name: &str, value: &str) -> String {
        let joint = if self.here.contains('?') { '&' } else { '?' };
        format!("{}{joint}{name}={value}", self.here)
    }
}

/// The document. Pages with islands say so; the others carry no script at all.
#[component]
pub fn Document(
    #[prop(into)] title: String,
    visit: Visit,
    #[prop(optional)] theme: Theme,
    #[prop(optional)] islands: bool,
    /// Takes what `leptos_meta` collects into the head; for pages under the router.
    #[prop(optional)]
    meta: bool,
    children: Children,
) -> impl IntoView {
    let nonce = use_nonce();
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let css = theme.css();
    let assets = visit.assets;
    view! {
        <!DOCTYPE html>
        <html lang=visit.locale.tag() data-theme=visit.scheme.as_str()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                {(!title.is_empty()).then(|| view! { <title inner_html=escape(&title)></title> })}
                // Ahead of the style sheet, for which a script would wait.
                {islands.then(|| view! { <Loader assets/> })}
                <link rel="stylesheet" href=format!("{assets}/pkg/turnpike.css")/>
                <link rel="icon" href=format!("{assets}/favicon.svg") type="image/svg+xml"/>
                {(!css.is_empty()).then(|| view! { <style nonce=nonce.clone()>{css}</style> })}
                {meta.then(|| view! { <MetaTags/> })}
            </head>
            <body>{children()}</body>
        </html>
    }
}

/// Fetches the WebAssembly module at once and, when the page is there, wakes every island, outer ones first. Where
/// no script runs nothing is fetched.
#[component]
fn Loader(assets: &'static str) -> impl IntoView {
    let nonce = use_nonce();
    let script = format!(
        "const j='{assets}/pkg/turnpike.js',w='{assets}/pkg/turnpike.wasm';{}",
        include_str!("loader.js").trim()
    );
    view! { <script nonce=nonce>{script}</script> }
}
