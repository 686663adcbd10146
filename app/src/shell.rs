//! The document around every page: language, colour scheme, theme, stylesheet, and the loader of islands.

use domain::{Locale, theme::Theme};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::{i18n::Text, look::Scheme, ui::escape};

/// Who told the language of a visit. What comes later goes before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// Nobody.
    #[default]
    Nobody,
    /// A cookie, the browser, or an application: the one that sent the visitor here, or whose page it is.
    Circumstances,
    /// The visitor, here or in their profile.
    Visitor,
}

/// One visitor's way of seeing a page.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    pub locale: Locale,
    pub told: Told,
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
        if let (false, Some(locale)) = (self.told == Told::Visitor, locale) {
            (self.locale, self.told) = (locale, Told::Circumstances);
        }
        self
    }

    /// Takes an application's own language where nobody told one.
    pub fn fall_back(mut self, locale: Option<Locale>) -> Self {
        if let (Told::Nobody, Some(locale)) = (self.told, locale) {
            (self.locale, self.told) = (locale, Told::Circumstances);
        }
        self
    }

    /// The language, where anybody told it.
    pub fn told_locale(&self) -> Option<Locale> {
        (self.told != Told::Nobody).then_some(self.locale)
    }

    /// The page's own address with one more parameter.
    pub fn with(&self, name: &str, value: &str) -> String {
        let joint = if self.here.contains('?') { '&' } else { '?' };
        format!("{}{joint}{name}={value}", self.here)
    }
}

/// When the islands of a page wake. What they are made of is fetched then, not before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Islands {
    /// There are none: the page carries no script at all.
    #[default]
    None,
    /// Once the page is there.
    AtOnce,
    /// When somebody points at one or goes to it: each of them does its work without a script, too. A click that comes
    /// before they are awake waits for them; where they do not wake, it does what it does without a script.
    OnTouch,
}

/// The document.
#[component]
pub fn Document(
    #[prop(into)] title: String,
    visit: Visit,
    #[prop(optional)] theme: Theme,
    #[prop(optional)] islands: Islands,
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
                {(islands != Islands::None).then(|| view! { <Loader assets islands/> })}
                <link rel="stylesheet" href=format!("{assets}/pkg/turnpike.css")/>
                <link rel="icon" href=format!("{assets}/favicon.svg") type="image/svg+xml"/>
                {(!css.is_empty()).then(|| view! { <style nonce=nonce.clone()>{css}</style> })}
                {meta.then(|| view! { <MetaTags/> })}
            </head>
            <body>{children()}</body>
        </html>
    }
}

/// Fetches the WebAssembly module when it is time and, when the page is there, wakes every island, outer ones first.
/// Where no script runs nothing is fetched. A page whose islands wake at once closes its `<details data-dismiss>`, too:
/// by the key Escape and by a press elsewhere.
#[component]
fn Loader(assets: &'static str, islands: Islands) -> impl IntoView {
    let nonce = use_nonce();
    let (begin, more) = match islands {
        Islands::AtOnce => ("wake();", include_str!("dismiss.js")),
        Islands::OnTouch | Islands::None => ("", include_str!("touch.js")),
    };
    let script = format!(
        "const j='{assets}/pkg/turnpike.js',w='{assets}/pkg/turnpike.wasm';{}{begin}{}",
        include_str!("loader.js").trim(),
        more.trim()
    );
    view! { <script nonce=nonce>{script}</script> }
}
