//! The frame of the dashboard: sidebar, application switcher, breadcrumb, and what was just done.

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

use super::billing::settings::provider_name;
use crate::{
    i18n::Text,
    plans::shown,
    shell::{Document, Islands, Visit},
    ui::{Alert, Glyph, Icon, LanguageSwitch, SchemeSwitch, Tone},
};

/// What a form did, as its redirect says: a closed list, so that nobody can write into the page by a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Saved,
    Created,
    Deleted,
    Archived,
    Restored,
    Moved,
    Granted,
    Suspended,
    Reactivated,
    Revoked,
    Assigned,
    Ended,
    Rotated,
    Refunded,
    Canceled,
    Kept,
    Changed,
    Paused,
    Resumed,
    Extended,
    MarkedPaid,
    KeysWork,
    KeysRemoved,
    ClockMoved,
    Resolved,
    Retried,
    CouponMade,
    CouponArchived,
    FactorsReset,
    ResetSent,
    MethodWorks,
}

impl Done {
    const ALL: [Self; 31] = [
        Self::Saved,
        Self::Created,
        Self::Deleted,
        Self::Archived,
        Self::Restored,
        Self::Moved,
        Self::Granted,
        Self::Suspended,
        Self::Reactivated,
        Self::Revoked,
        Self::Assigned,
        Self::Ended,
        Self::Rotated,
        Self::Refunded,
        Self::Canceled,
        Self::Kept,
        Self::Changed,
        Self::Paused,
        Self::Resumed,
        Self::Extended,
        Self::MarkedPaid,
        Self::KeysWork,
        Self::KeysRemoved,
        Self::ClockMoved,
        Self::Resolved,
        Self::Retried,
        Self::CouponMade,
        Self::CouponArchived,
        Self::FactorsReset,
        Self::ResetSent,
        Self::MethodWorks,
    ];

    /// The value of the parameter `done`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Created => "created",
            Self::Deleted => "deleted",
            Self::Archived => "archived",
            Self::Restored => "restored",
            Self::Moved => "moved",
            Self::Granted => "granted",
            Self::Suspended => "suspended",
            Self::Reactivated => "reactivated",
            Self::Revoked => "revoked",
            Self::Assigned => "assigned",
            Self::Ended => "ended",
            Self::Rotated => "rotated",
            Self::Refunded => "refunded",
            Self::Canceled => "canceled",
            Self::Kept => "kept",
            Self::Changed => "changed",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Extended => "extended",
            Self::MarkedPaid => "paid",
            Self::KeysWork => "keys_work",
            Self::KeysRemoved => "keys_removed",
            Self::ClockMoved => "clock",
            Self::Resolved => "resolved",
            Self::Retried => "retried",
            Self::CouponMade => "coupon",
            Self::CouponArchived => "coupon_archived",
            Self::FactorsReset => "factors_reset",
            Self::ResetSent => "reset_sent",
            Self::MethodWorks => "method_works",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.as_str() == text)
    }

    fn sentence(self, text: Text) -> String {
        match self {
            Self::Saved => text.done_saved(),
            Self::Created => text.done_created(),
            Self::Deleted => text.done_deleted(),
            Self::Archived => text.done_archived(),
            Self::Restored => text.done_restored(),
            Self::Moved => text.done_moved(),
            Self::Granted => text.done_granted(),
            Self::Suspended => text.done_suspended(),
            Self::Reactivated => text.done_reactivated(),
            Self::Revoked => text.done_revoked(),
            Self::Assigned => text.done_assigned(),
            Self::Ended => text.done_ended(),
            Self::Rotated => text.done_rotated(),
            Self::Refunded => text.done_refunded(),
            Self::Canceled => text.done_canceled(),
            Self::Kept => text.done_kept(),
            Self::Changed => text.desk_done_changed(),
            Self::Paused => text.done_paused(),
            Self::Resumed => text.desk_done_resumed(),
            Self::Extended => text.done_extended(),
            Self::MarkedPaid => text.done_marked_paid(),
            Self::KeysWork => text.done_keys_work(),
            Self::KeysRemoved => text.done_keys_removed(),
            Self::ClockMoved => text.done_clock(),
            Self::Resolved => text.done_resolved(),
            Self::Retried => text.done_retried(),
            Self::CouponMade => text.done_coupon(),
            Self::CouponArchived => text.done_coupon_archived(),
            Self::FactorsReset => text.done_factors_reset(),
            Self::ResetSent => text.done_reset_sent(),
            Self::MethodWorks => text.done_method_works(),
        }
    }
}

/// A part of an application's dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Plans,
    Users,
    Subscriptions,
    Payments,
    Coupons,
    Alerts,
    /// Only where the sandbox collects.
    Clock,
    Clients,
    SignInMethods,
    Settings,
}

impl Section {
    pub const ALL: [Self; 10] = [
        Self::Plans,
        Self::Users,
        Self::Subscriptions,
        Self::Payments,
        Self::Coupons,
        Self::Alerts,
        Self::Clock,
        Self::Clients,
        Self::SignInMethods,
        Self::Settings,
    ];

    /// The last part of its address.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Plans => "plans",
            Self::Users => "users",
            Self::Subscriptions => "subscriptions",
            Self::Payments => "payments",
            Self::Coupons => "coupons",
            Self::Alerts => "alerts",
            Self::Clock => "clock",
            Self::Clients => "clients",
            Self::SignInMethods => "sign-in-methods",
            Self::Settings => "settings",
        }
    }

    pub fn label(self, text: Text) -> String {
        match self {
            Self::Plans => text.section_plans(),
            Self::Users => text.section_users(),
            Self::Subscriptions => text.section_subscriptions(),
            Self::Payments => text.section_payments(),
            Self::Coupons => text.section_coupons(),
            Self::Alerts => text.alerts_title(),
            Self::Clock => text.clock_title(),
            Self::Clients => text.section_clients(),
            Self::SignInMethods => text.section_sign_in_methods(),
            Self::Settings => text.section_settings(),
        }
    }

    const fn glyph(self) -> Glyph {
        match self {
            Self::Plans => Glyph::Plan,
            Self::Users => Glyph::Users,
            Self::Subscriptions => Glyph::Renew,
            Self::Payments => Glyph::Card,
            Self::Coupons => Glyph::Tag,
            Self::Alerts => Glyph::Bell,
            Self::Clock => Glyph::Clock,
            Self::Clients => Glyph::Key,
            Self::SignInMethods => Glyph::Lock,
            Self::Settings => Glyph::Gear,
        }
    }
}

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

/// One step of the breadcrumb; the page itself has no link.
#[derive(Clone, Debug)]
pub struct Crumb {
    pub label: String,
    pub href: String,
}

impl Crumb {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// A page of the dashboard. The title is its heading and the end of its breadcrumb.
#[component]
pub fn Dashboard(
    frame: Frame,
    #[prop(into)] title: String,
    #[prop(optional)] section: Option<Section>,
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
    let done = frame.done.map(|done| done.sentence(text));
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
            <a class="sr-only focus:not-sr-only focus:fixed focus:left-3 focus:top-3 focus:z-20 focus:rounded-box focus:bg-surface focus:px-4 focus:py-2 focus:shadow-card" href="#main">
                {text.skip_to_content()}
            </a>
            {test.map(|(body, clock)| view! {
                <p class="bg-warn px-4 py-1.5 text-center text-sm font-semibold text-page" role="status">
                    {body}
                    {clock.map(|href| view! {
                        " "
                        <a class="inline-block underline underline-offset-2" href=href>{text.clock_open()}</a>
                    })}
                </p>
            })}
            <div class="lg:grid lg:min-h-dvh lg:grid-cols-[16rem_minmax(0,1fr)]">
                <Sidebar frame=frame.clone() section/>
                <main id="main" tabindex="-1" class="mx-auto grid w-full max-w-6xl grid-cols-1 content-start gap-6 px-4 pb-16 pt-5 sm:px-6 lg:px-10 lg:pt-8">
                    <Trail frame section crumbs title=title.clone()/>
                    <header class="flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
                        <h1 class="min-w-0 break-words text-2xl font-semibold tracking-tight">{title}</h1>
                        {actions.run()}
                    </header>
                    {done.map(|done| view! { <Alert tone=Tone::Good>{done}</Alert> })}
                    {children()}
                </main>
            </div>
        </Document>
    }
}

#[component]
fn Sidebar(frame: Frame, section: Option<Section>) -> impl IntoView {
    let text = frame.text();
    let links = frame.current.as_ref().map(|entry| {
        let sandbox = entry.application.settings.provider == Provider::Sandbox;
        let links = Section::ALL.into_iter().filter(|link| sandbox || *link != Section::Clock).map(|link| {
            let current = (Some(link) == section).then_some("page");
            let open = (link == Section::Alerts && frame.alerts > 0).then(|| {
                let said = if frame.alerts == 1 { text.alerts_one_open() } else { text.alerts_open(frame.alerts) };
                view! {
                    <span class="ml-auto rounded-full bg-bad px-1.5 text-xs font-semibold leading-5 text-page" aria-hidden="true">
                        {frame.alerts}
                    </span>
                    <span class="sr-only">{said}</span>
                }
            });
            view! {
                <li class="flex-none">
                    <a
                        class="flex items-center gap-2.5 rounded-box px-3 py-2 text-muted hover:bg-sunken hover:text-ink aria-[current]:bg-brand/10 aria-[current]:font-semibold aria-[current]:text-link"
                        href=frame.href(link)
                        aria-current=current
                    >
                        <Icon glyph=link.glyph() class="max-sm:hidden"/>
                        {link.label(text)}
                        {open}
                    </a>
                </li>
            }
        });
        view! {
            <nav aria-label=text.application() class="order-last -mx-1 basis-full lg:order-none lg:basis-auto">
                <ul class="flex flex-wrap gap-1 p-1 lg:grid">{links.collect_view()}</ul>
            </nav>
        }
    });
    let role = match frame.user.role {
        GlobalRole::Superadmin => Some(text.role_superadmin()),
        GlobalRole::Admin => Some(text.role_admin()),
        GlobalRole::User => None,
    };
    let who = frame.user.display_name().to_owned();
    view! {
        <header class="flex flex-wrap items-center gap-3 border-b border-line bg-surface px-4 py-3 lg:sticky lg:top-0 lg:h-dvh lg:flex-col lg:flex-nowrap lg:items-stretch lg:gap-5 lg:overflow-y-auto lg:border-b-0 lg:border-r lg:px-4 lg:py-6">
            <a class="flex items-center gap-2.5 rounded px-2 py-1 text-lg font-bold tracking-tight" href=route::DASHBOARD>
                <span class="grid size-7 place-items-center rounded-md bg-brand text-sm text-brand-ink" aria-hidden="true">"T"</span>
                "Turnpike"
            </a>
            <Switcher frame=frame.clone()/>
            {links}
            <details class="group relative ml-auto lg:ml-0 lg:mt-auto">
                <summary class="flex list-none items-center gap-2 rounded-box px-2 py-1.5 hover:bg-sunken [&::-webkit-details-marker]:hidden">
                    <Icon glyph=Glyph::User/>
                    <span class="sr-only min-w-0 truncate lg:not-sr-only">{who.clone()}</span>
                    <span class="sr-only">{text.account()}</span>
                    <Icon glyph=Glyph::ChevronDown class="ml-auto text-muted group-open:rotate-180"/>
                </summary>
                <div class="card absolute right-0 z-10 mt-2 grid w-64 gap-4 p-4 lg:bottom-full lg:left-0 lg:right-auto lg:mb-2 lg:mt-0">
                    <div class="min-w-0">
                        <p class="truncate font-medium">{who}</p>
                        <p class="truncate text-sm text-muted">{frame.user.email.to_string()}</p>
                        {role.map(|role| view! { <p class="text-sm text-muted">{role}</p> })}
                    </div>
                    <div class="flex flex-wrap items-center justify-between gap-2 text-sm text-muted">
                        <LanguageSwitch visit=frame.visit.clone()/>
                        <SchemeSwitch visit=frame.visit.clone()/>
                    </div>
                    <a class="button button-quiet button-small w-full" href=route::ACCOUNT>
                        <Icon glyph=Glyph::User/>
                        {text.own_account()}
                    </a>
                    <form method="post" action=route::SIGN_OUT>
                        <button class="button button-secondary button-small w-full" type="submit">
                            <Icon glyph=Glyph::SignOut/>
                            {text.sign_out()}
                        </button>
                    </form>
                </div>
            </details>
        </header>
    }
}

#[component]
fn Switcher(frame: Frame) -> impl IntoView {
    let text = frame.text();
    let label = frame
        .current
        .as_ref()
        .map_or_else(|| text.all_applications(), |entry| entry.application.settings.name.to_string());
    let current = frame.current.as_ref().map(|entry| entry.application.id);
    let item = "flex items-center gap-2 rounded px-3 py-2 hover:bg-sunken aria-[current]:font-semibold";
    let links = frame
        .applications
        .iter()
        .map(|entry| {
            let own = Some(entry.application.id) == current;
            view! {
                <li>
                    <a
                        class=item
                        href=route::dashboard(entry.application.slug.as_str(), Section::Plans.path())
                        aria-current=own.then_some("true")
                    >
                        <span class="min-w-0 truncate">{entry.application.settings.name.to_string()}</span>
                        {own.then(|| view! { <Icon glyph=Glyph::Check class="ml-auto"/> })}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="group relative min-w-0">
            <summary class="flex list-none items-center gap-2 rounded-box border border-line px-3 py-2 font-medium hover:border-edge [&::-webkit-details-marker]:hidden">
                <span class="sr-only">{text.switch_application()}": "</span>
                <span class="min-w-0 truncate">{label}</span>
                <Icon glyph=Glyph::ChevronDown class="ml-auto text-muted group-open:rotate-180"/>
            </summary>
            <ul class="card absolute left-0 z-10 mt-2 max-h-[70dvh] w-60 overflow-y-auto p-1.5">
                {links}
                <li class="mt-1 border-t border-line pt-1">
                    <a class=item href=route::DASHBOARD>{text.all_applications()}</a>
                </li>
                {frame.is_superadmin().then(|| view! {
                    <li>
                        <a class=item href=super::NEW_APPLICATION>
                            <Icon glyph=Glyph::Plus/>
                            {text.new_application()}
                        </a>
                    </li>
                })}
            </ul>
        </details>
    }
}

#[component]
fn Trail(frame: Frame, section: Option<Section>, crumbs: Vec<Crumb>, title: String) -> impl IntoView {
    let text = frame.text();
    let mut steps = vec![Crumb::new(text.applications(), route::DASHBOARD)];
    if let Some(entry) = &frame.current {
        steps.push(Crumb::new(entry.application.settings.name.to_string(), frame.href(Section::Plans)));
    }
    if let Some(section) = section
        && section.label(text) != title
    {
        steps.push(Crumb::new(section.label(text), frame.href(section)));
    }
    steps.extend(crumbs);
    let alone = steps.len() == 1 && title == text.applications();
    (!alone).then(|| {
        view! {
            <nav aria-label=text.breadcrumb() class="text-sm text-muted">
                <ol class="flex flex-wrap items-center gap-x-1.5 gap-y-1">
                    {steps
                        .into_iter()
                        .map(|step| view! {
                            <li class="flex min-w-0 items-center gap-1.5">
                                <a class="truncate rounded py-0.5 hover:text-ink hover:underline" href=step.href>{step.label}</a>
                                <span aria-hidden="true">"/"</span>
                            </li>
                        })
                        .collect_view()}
                    <li class="min-w-0 truncate text-ink" aria-current="page">{title}</li>
                </ol>
            </nav>
        }
    })
}

/// A box with a heading of its own.
#[component]
pub fn Panel(
    #[prop(into)] title: String,
    #[prop(optional, into)] body: Option<String>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] class: String,
    children: Children,
) -> impl IntoView {
    view! {
        <section class=format!("card grid min-w-0 content-start gap-5 p-5 sm:p-6 {class}") id=id>
            <div class="grid gap-1">
                <h2 class="text-lg font-semibold tracking-tight">{title}</h2>
                {body.map(|body| view! { <p class="text-pretty text-sm text-muted">{body}</p> })}
            </div>
            {children()}
        </section>
    }
}

/// A name and a value that can be copied.
#[component]
pub fn Copyable(text: Text, #[prop(into)] label: String, #[prop(into)] value: String) -> impl IntoView {
    view! {
        <div class="grid gap-1">
            <p class="text-sm text-muted">{label}</p>
            <div class="flex flex-wrap items-center gap-2">
                <code class="min-w-0 break-all rounded bg-sunken px-2 py-1 text-sm">{value.clone()}</code>
                <crate::ui::CopyButton value text/>
            </div>
        </div>
    }
}
