//! The frame of the dashboard: sidebar, application switcher, breadcrumb, and what was just done.

mod done;
mod pairs;
mod panel;
mod section;
mod sidebar;
mod trail;

use std::sync::Arc;

use domain::{
    Currency,
    application::Provider,
    billing::price::Interval,
    identity::user::{GlobalRole, User},
    route,
};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

pub use done::Done;
pub use pairs::{Pair, Pairs};
pub use panel::{Copyable, Panel};
pub use section::{Above, Section};
use sidebar::Sidebar;
pub use trail::Crumb;
use trail::Trail;

use super::billing::settings::provider_name;
use crate::{
    i18n::Text,
    plans::shown,
    shell::{Document, Islands, Visit},
    ui::{Alert, SkipLink, Tone},
};

/// What the frame around a page needs to know.
#[derive(Clone)]
pub struct Frame {
    pub visit: Visit,
    pub user: User,
    /// Those that the user may administer.
    pub applications: Vec<Arc<ApplicationEntry>>,
    pub current: Option<Arc<ApplicationEntry>>,
    pub done: Option<Done>,
    /// How many alerts of the current application are open.
    pub alerts: u64,
}

impl Frame {
    pub const fn text(&self) -> Text {
        self.visit.text()
    }

    pub fn is_superadmin(&self) -> bool {
        self.user.role == GlobalRole::Superadmin
    }

    /// A payment provider bills for the current application.
    pub fn is_billed(&self) -> bool {
        self.current.as_ref().is_some_and(|entry| entry.application.settings.provider != Provider::None)
    }

    /// The provider of the current application, where no real money moves there: the sandbox, or a test key.
    pub fn test_provider(&self) -> Option<Provider> {
        let entry = self.current.as_ref()?;
        entry.is_test().then_some(entry.application.settings.provider)
    }

    /// The currency of the current application's first price in this language.
    pub fn currency(&self) -> Option<Currency> {
        let plans = self.current.as_ref()?.plans.iter();
        let price = plans.filter_map(|plan| shown(plan, Interval::default(), self.text().locale())).next();
        price.map(|price| price.money.currency())
    }

    /// The address of a section of the current application.
    pub fn href(&self, section: Section) -> String {
        self.current.as_ref().map_or_else(
            || route::DASHBOARD.to_owned(),
            |entry| route::dashboard(entry.application.slug.as_str(), section.path()),
        )
    }
}

/// A page of the dashboard. The title is its heading and the end of its breadcrumb.
#[component]
pub fn Dashboard(
    frame: Frame,
    #[prop(into)] title: String,
    #[prop(optional)] section: Option<Section>,
    /// Where the page stands, when it belongs to no application.
    #[prop(optional)]
    above: Option<Above>,
    /// Between the application's section and this page.
    #[prop(default = Vec::new())]
    crumbs: Vec<Crumb>,
    /// Stands beside the heading.
    #[prop(optional, into)]
    actions: ViewFn,
    children: Children,
) -> impl IntoView {
    let text = frame.text();
    let product = frame.current.as_ref().map_or("Turnpike", |entry| entry.application.settings.name.as_str());
    let tab = format!("{title} · {product}");
    let done = frame.done.map(|done| (done.sentence(text), if done.waits() { Tone::Warn } else { Tone::Good }));
    let test = frame.test_provider().map(|provider| {
        let clock =
            (provider == Provider::Sandbox && section != Some(Section::Clock)).then(|| frame.href(Section::Clock));
        let body = match provider {
            Provider::Sandbox => text.test_mode(),
            _ => text.test_mode_key(provider_name(text, provider)),
        };
        (body, clock)
    });
    view! {
        <Document title=tab visit=frame.visit.clone() islands=Islands::AtOnce>
            <SkipLink text to="main"/>
            <div class="lg:grid lg:min-h-dvh lg:grid-cols-[16rem_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
                {test.map(|(body, clock)| view! {
                    <p class="bg-warn px-4 py-1.5 text-center text-sm font-semibold text-page lg:col-start-2" role="status">
                        {body}
                        {clock.map(|href| view! {
                            " "
                            <a class="inline-block underline underline-offset-2" href=href>{text.clock_open()}</a>
                        })}
                    </p>
                })}
                <Sidebar frame=frame.clone() section above/>
                <main id="main" tabindex="-1" class="mx-auto grid w-full max-w-6xl grid-cols-1 content-start gap-6 px-4 pb-16 pt-5 sm:px-6 lg:col-start-2 lg:row-start-2 lg:px-10 lg:pt-8">
                    <Trail frame section crumbs title=title.clone()/>
                    <header class="flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
                        <h1 class="min-w-0 break-words text-2xl font-semibold tracking-tight" dir="auto">{title}</h1>
                        {actions.run()}
                    </header>
                    {done.map(|(said, tone)| view! { <Alert tone>{said}</Alert> })}
                    {children()}
                </main>
            </div>
        </Document>
    }
}
