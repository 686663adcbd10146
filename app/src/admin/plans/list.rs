//! `/dashboard/{slug}/plans`: the plans in their order.

use domain::{
    billing::{
        plan::Plan,
        price::{Interval, Price},
    },
    id::ApplicationId,
};
use leptos::prelude::*;
use service::billing::plans::PlanSummary;

use super::reorder::Reorder;
use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Dashboard, Frame, Section},
    },
    i18n::Text,
    ui::{Alert, Badge, Button, ButtonLink, EmptyState, ErrorSummary, Glyph, Icon, Look, Tone},
};

/// The address of a plan's editor. The key names it, except where the key is taken by the page that makes plans.
pub fn href(plans: &str, plan: &Plan) -> String {
    match plan.key.as_str() {
        "new" => format!("{plans}/{}", plan.id),
        key => format!("{plans}/{key}"),
    }
}

#[component]
pub fn PlansPage(frame: Frame, application: ApplicationId, plans: Vec<PlanSummary>, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let base = frame.href(Section::Plans);
    let users = frame.href(Section::Users);
    let unpaid = !frame.is_billed();
    if plans.is_empty() {
        return view! {
            <Dashboard frame title=text.section_plans() section=Section::Plans>
                <ErrorSummary text message=sent.message/>
                <EmptyState glyph=Glyph::Plan title=text.no_plans_title() body=text.no_plans_body()>
                    <div class="mt-2 flex flex-wrap justify-center gap-3">
                        <form method="post">
                            <Button attr:name=ACTION attr:value="example">{text.example_plans()}</Button>
                        </form>
                        <ButtonLink href=format!("{base}/new") look=Look::Secondary>{text.create_plan()}</ButtonLink>
                    </div>
                </EmptyState>
            </Dashboard>
        }
        .into_any();
    }
    let create = {
        let base = base.clone();
        move || {
            view! {
                <ButtonLink href=format!("{base}/new")>
                    <Icon glyph=Glyph::Plus/>
                    {text.create_plan()}
                </ButtonLink>
            }
        }
    };
    let last = plans.len() - 1;
    view! {
        <Dashboard frame title=text.section_plans() section=Section::Plans actions=create>
            <ErrorSummary text message=sent.message/>
            {unpaid.then(|| view! { <Alert tone=Tone::Note>{text.plans_free_of_charge()}</Alert> })}
            <p class="text-sm text-muted">{text.plans_order_hint()}</p>
            <Reorder text application>
                <ol class="grid gap-3">
                    {plans
                        .into_iter()
                        .enumerate()
                        .map(|(index, summary)| view! {
                            <Item text summary is_first={index == 0} is_last={index == last} base=base.clone() users=users.clone()/>
                        })
                        .collect_view()}
                </ol>
            </Reorder>
        </Dashboard>
    }
    .into_any()
}

#[component]
fn Item(text: Text, summary: PlanSummary, is_first: bool, is_last: bool, base: String, users: String) -> impl IntoView {
    let PlanSummary { plan, active_subscribers } = summary;
    let href = href(&base, &plan);
    let archived = plan.archived_at.is_some();
    let name = plan.name.to_string();
    let name_of_edit = name.clone();
    let (archive, label) = if archived { ("unarchive", text.unarchive()) } else { ("archive", text.archive()) };
    let arrow = "grid size-8 place-items-center rounded-box border border-line text-muted hover:border-edge hover:text-ink disabled:opacity-35 disabled:hover:border-line";
    view! {
        <li class="card grid min-w-0 grid-cols-1 gap-4 p-4 sm:grid-cols-[auto_minmax(0,1fr)_auto] sm:p-5" data-plan=plan.id.to_string()>
            <form method="post" class="flex items-center gap-1 sm:grid sm:content-start">
                <input type="hidden" name="plan" value=plan.id.to_string()/>
                <span
                    class="hidden size-8 cursor-grab place-items-center text-muted in-[[data-alive]]:grid"
                    draggable="true"
                    title=text.drag(&name)
                >
                    <Icon glyph=Glyph::Grip/>
                </span>
                <button class=arrow name=ACTION value="up" disabled=is_first aria-label=text.move_up(&name)>
                    <Icon glyph=Glyph::ArrowUp/>
                </button>
                <button class=arrow name=ACTION value="down" disabled=is_last aria-label=text.move_down(&name)>
                    <Icon glyph=Glyph::ArrowDown/>
                </button>
            </form>
            <div class="grid min-w-0 content-start gap-2 wrap-anywhere">
                <div class="flex flex-wrap items-center gap-x-3 gap-y-1.5">
                    <h2 class="min-w-0 text-lg font-semibold wrap-anywhere">
                        <a class="rounded hover:underline" href=href.clone() dir="auto">{name.clone()}</a>
                    </h2>
                    <code class="min-w-0 rounded bg-sunken px-1.5 py-0.5 text-sm text-muted wrap-anywhere">{plan.key.to_string()}</code>
                    <Badges text plan=plan.clone()/>
                </div>
                {(!plan.description.as_str().is_empty())
                    .then(|| view! { <p class="text-sm text-muted" dir="auto">{plan.description.to_string()}</p> })}
                <p class="flex flex-wrap gap-x-4 gap-y-1 text-sm">{prices(text, &plan)}</p>
                <Features text plan=plan.clone()/>
                <p class="text-sm"><Subscribers text count=active_subscribers href=subscribers_href(&users, &plan)/></p>
            </div>
            <form method="post" class="flex items-start gap-2">
                <input type="hidden" name="plan" value=plan.id.to_string()/>
                <ButtonLink href look=Look::Secondary small=true>
                    {text.edit()}
                    <span class="sr-only">" "{name_of_edit}</span>
                </ButtonLink>
                <Button look=Look::Quiet small=true attr:name=ACTION attr:value=archive>
                    {label}
                    <span class="sr-only">" "{name}</span>
                </Button>
            </form>
        </li>
    }
}

/// Default, on offer, unlisted, archived.
#[component]
pub fn Badges(text: Text, plan: Plan) -> impl IntoView {
    let state = match (plan.archived_at, plan.is_listed) {
        (Some(_), _) => view! { <Badge tone=Tone::Warn glyph=Some(Glyph::Archive)>{text.badge_archived()}</Badge> },
        (None, true) => view! { <Badge tone=Tone::Good glyph=Some(Glyph::Check)>{text.badge_on_offer()}</Badge> },
        (None, false) => view! { <Badge tone=Tone::Plain glyph=Some(Glyph::Lock)>{text.badge_unlisted()}</Badge> },
    };
    view! {
        {plan.is_default.then(|| view! { <Badge tone=Tone::Note glyph=Some(Glyph::User)>{text.badge_default()}</Badge> })}
        {state}
    }
}

/// The users of the application who hold the plan.
pub fn subscribers_href(users: &str, plan: &Plan) -> String {
    format!("{users}?plan={}", plan.key)
}

/// How many hold the plan, as a link to them.
#[component]
pub fn Subscribers(text: Text, count: u64, href: String) -> impl IntoView {
    match count {
        0 => view! { <span class="text-muted">{text.no_subscribers()}</span> }.into_any(),
        1 => view! { <a class="font-medium text-link underline-offset-2 hover:underline" href=href>{text.one_subscriber()}</a> }
            .into_any(),
        n => view! { <a class="font-medium text-link underline-offset-2 hover:underline" href=href>{text.subscribers(n)}</a> }
            .into_any(),
    }
}

fn prices(text: Text, plan: &Plan) -> impl IntoView + use<> {
    let prices: Vec<_> = plan.current_prices().map(|price| price_line(text, price)).collect();
    if prices.is_empty() {
        return view! { <span class="text-muted">{text.no_prices()}</span> }.into_any();
    }
    prices.into_iter().map(|line| view! { <span class="font-medium">{line}</span> }).collect_view().into_any()
}

/// `$9.99 a month, 14 days of trial`.
pub fn price_line(text: Text, price: &Price) -> String {
    let money = text.money(price.money);
    let line = match price.interval {
        Interval::Month => text.every_month(money),
        Interval::Year => text.every_year(money),
        Interval::OneTime => text.only_once(money),
    };
    match price.trial_days {
        Some(1) => format!("{line}, {}", text.trial_of_day()),
        Some(days) => format!("{line}, {}", text.trial_of_days(days)),
        None => line,
    }
}

/// The first few features.
#[component]
fn Features(text: Text, plan: Plan) -> impl IntoView {
    const SHOWN: usize = 5;
    let features = plan.features.map();
    let more = features.len().saturating_sub(SHOWN);
    let items = features
        .iter()
        .take(SHOWN)
        .map(|(key, value)| {
            let value = value.to_string();
            let short =
                if value.chars().count() > 40 { value.chars().take(40).chain(['…']).collect() } else { value };
            view! {
                <li class="max-w-full truncate rounded bg-sunken px-2 py-0.5">
                    <code>{key.clone()}": "<b class="font-semibold">{short}</b></code>
                </li>
            }
        })
        .collect_view();
    if features.is_empty() {
        return view! { <p class="text-sm text-muted">{text.no_features()}</p> }.into_any();
    }
    view! {
        <ul class="flex min-w-0 flex-wrap gap-1.5 text-sm">
            {items}
            {(more > 0).then(|| view! { <li class="px-1 py-0.5 text-muted">{text.more_features(more)}</li> })}
        </ul>
    }
    .into_any()
}
