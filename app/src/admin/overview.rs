//! `/dashboard`: the applications that the admin may administer.

use domain::route;
use leptos::prelude::*;

use super::frame::{Above, Dashboard, Frame, Section};
use crate::ui::{ButtonLink, EmptyState, Glyph, Icon};

/// One card.
#[derive(Clone, Debug)]
pub struct Card {
    pub name: String,
    pub slug: String,
    pub description: String,
    pub plans: usize,
    pub clients: usize,
}

#[component]
pub fn Overview(frame: Frame, cards: Vec<Card>) -> impl IntoView {
    let text = frame.text();
    let is_superadmin = frame.is_superadmin();
    let create = move || {
        is_superadmin.then(|| {
            view! {
                <ButtonLink href=super::NEW_APPLICATION>
                    <Icon glyph=Glyph::Plus/>
                    {text.create_application()}
                </ButtonLink>
            }
        })
    };
    if cards.is_empty() {
        let body = if is_superadmin { text.no_applications_body() } else { text.no_own_applications_body() };
        return view! {
            <Dashboard frame title=text.applications() above=Above::Applications>
                <EmptyState glyph=Glyph::Plan title=text.no_applications_title() body>{create()}</EmptyState>
            </Dashboard>
        }
        .into_any();
    }
    view! {
        <Dashboard frame title=text.applications() above=Above::Applications actions=create>
            <p class="-mt-3 text-muted">{text.overview_body()}</p>
            <ul class="grid grid-cols-1 gap-4 sm:grid-cols-2 xl:grid-cols-3">
                {cards
                    .into_iter()
                    .map(|card| {
                        let plans = if card.plans == 1 { text.one_plan() } else { text.count_plans(card.plans) };
                        let clients =
                            if card.clients == 1 { text.one_client() } else { text.count_clients(card.clients) };
                        let initial = card.name.chars().next().unwrap_or('T').to_uppercase().to_string();
                        view! {
                            <li class="card relative grid grid-cols-1 content-start gap-3 p-5 hover:border-edge">
                                <div class="flex items-center gap-3">
                                    <span class="grid size-10 flex-none place-items-center rounded-box bg-brand/10 text-lg font-bold text-link" aria-hidden="true">
                                        {initial}
                                    </span>
                                    <div class="min-w-0">
                                        <h2 class="truncate font-semibold">
                                            <a
                                                class="after:absolute after:inset-0 after:rounded-[inherit]"
                                                href=route::dashboard(&card.slug, Section::Plans.path())
                                                dir="auto"
                                            >
                                                {card.name}
                                            </a>
                                        </h2>
                                        <p class="truncate text-sm text-muted">{card.slug}</p>
                                    </div>
                                </div>
                                {(!card.description.is_empty())
                                    .then(|| view! { <p class="line-clamp-2 text-sm text-muted" dir="auto">{card.description}</p> })}
                                <p class="text-sm text-muted">{plans}" · "{clients}</p>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </Dashboard>
    }
    .into_any()
}
