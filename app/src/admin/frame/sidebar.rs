//! What stands beside every page: the sections, the application switcher, and whose dashboard it is.

use domain::{application::Provider, identity::user::GlobalRole, route};
use leptos::prelude::*;

use super::{Above, Frame, Section};
use crate::{
    admin::NEW_APPLICATION,
    i18n::Text,
    ui::{Glyph, Icon, LanguageSwitch, Menu, MenuLink, SchemeSwitch},
};

#[component]
pub(super) fn Sidebar(frame: Frame, section: Option<Section>, above: Option<Above>) -> impl IntoView {
    let text = frame.text();
    let (label, links) = match &frame.current {
        Some(_) => (text.application(), sections(&frame, section)),
        None if frame.is_superadmin() => (text.server(), above_all(text, above)),
        None => Default::default(),
    };
    let open = section.map(|section| section.label(text)).or_else(|| above.map(|above| above.label(text)));
    let links = (!links.is_empty()).then(|| {
        view! {
            <Menu text label current=open class="lg:order-none lg:-mx-1 lg:min-h-0 lg:basis-auto lg:overflow-y-auto lg:p-1">
                {links}
            </Menu>
        }
    });
    let role = match frame.user.role {
        GlobalRole::Superadmin => Some(text.role_superadmin()),
        GlobalRole::Admin => Some(text.role_admin()),
        GlobalRole::User => None,
    };
    let who = frame.user.display_name().to_owned();
    view! {
        <header class="relative flex flex-wrap items-center gap-3 border-b border-line bg-surface px-4 py-3 lg:sticky lg:top-0 lg:col-start-1 lg:row-span-2 lg:row-start-1 lg:h-dvh lg:flex-col lg:flex-nowrap lg:items-stretch lg:gap-5 lg:border-b-0 lg:border-r lg:px-4 lg:py-6">
            <a class="flex items-center gap-2.5 rounded px-2 py-1 text-lg font-bold tracking-tight" href=route::DASHBOARD>
                <span class="grid size-7 place-items-center rounded-md bg-brand text-sm text-brand-ink" aria-hidden="true">"T"</span>
                "Turnpike"
            </a>
            <Switcher frame=frame.clone()/>
            {links}
            <details class="group relative ml-auto lg:ml-0 lg:mt-auto" data-dismiss="true">
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

/// The parts of the current application; the clock only where the sandbox collects.
fn sections(frame: &Frame, current: Option<Section>) -> Vec<AnyView> {
    let text = frame.text();
    let entry = frame.current.as_ref();
    let sandbox = entry.is_some_and(|entry| entry.application.settings.provider == Provider::Sandbox);
    let links = Section::ALL.into_iter().filter(|link| sandbox || *link != Section::Clock).map(|link| {
        let open = (link == Section::Alerts && frame.alerts > 0).then(|| {
            let said = if frame.alerts == 1 { text.alerts_one_open() } else { text.alerts_open(frame.alerts) };
            view! {
                <span class="ml-auto rounded-full bg-bad px-1.5 text-xs font-semibold leading-5 text-page" aria-hidden="true">
                    {frame.alerts}
                </span>
                <span class="sr-only">{said}</span>
            }
        });
        let here = Some(link) == current;
        view! {
            <MenuLink href=frame.href(link) glyph=Some(link.glyph()) label=link.label(text) current=here>{open}</MenuLink>
        }
        .into_any()
    });
    links.collect()
}

/// What stands above all applications.
fn above_all(text: Text, current: Option<Above>) -> Vec<AnyView> {
    let links = Above::ALL.into_iter().map(|link| {
        let here = Some(link) == current;
        view! { <MenuLink href=link.path() glyph=Some(link.glyph()) label=link.label(text) current=here/> }.into_any()
    });
    links.collect()
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
                        <span class="min-w-0 truncate" dir="auto">{entry.application.settings.name.to_string()}</span>
                        {own.then(|| view! { <Icon glyph=Glyph::Check class="ml-auto"/> })}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="group min-w-0 max-lg:max-w-max max-lg:flex-1 max-lg:basis-24 lg:relative" data-dismiss="true">
            <summary class="flex list-none items-center gap-2 rounded-box border border-line px-3 py-2 font-medium hover:border-edge [&::-webkit-details-marker]:hidden">
                <span class="sr-only">{text.switch_application()}": "</span>
                <span class="min-w-0 truncate" dir="auto">{label}</span>
                <Icon glyph=Glyph::ChevronDown class="ml-auto text-muted group-open:rotate-180"/>
            </summary>
            <ul class="card absolute z-10 mt-2 max-h-[70dvh] overflow-y-auto p-1.5 max-lg:inset-x-4 lg:left-0 lg:w-60">
                {links}
                <li class="mt-1 border-t border-line pt-1">
                    <a class=item href=route::DASHBOARD>{text.all_applications()}</a>
                </li>
                {frame.is_superadmin().then(|| view! {
                    <li>
                        <a class=item href=NEW_APPLICATION>
                            <Icon glyph=Glyph::Plus/>
                            {text.new_application()}
                        </a>
                    </li>
                })}
            </ul>
        </details>
    }
}
