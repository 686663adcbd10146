//! `/dashboard/{slug}/plans/new` and `/dashboard/{slug}/plans/{key}`.

use domain::billing::plan::Plan;
use leptos::prelude::*;
use service::billing::plans::PlanSummary;

use super::{
    editor::PlanEditor,
    list::{Badges, Subscribers, price_line, subscribers_href},
    price_fields::PriceForm,
};
use crate::{
    admin::{
        draft::{PlanDraft, PriceDraft},
        form::{ACTION, Sent},
        frame::{Dashboard, Frame, Panel, Section},
    },
    i18n::Text,
    ui::{Alert, Badge, Button, Confirm, ErrorSummary, Glyph, Look, Tone},
};

/// A plan that is being made.
#[component]
pub fn NewPlanPage(frame: Frame, draft: PlanDraft, base: Plan, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let back = frame.href(Section::Plans);
    let (billed, currency) = (frame.is_billed(), frame.currency());
    view! {
        <Dashboard frame title=text.new_plan() section=Section::Plans>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <PlanEditor text draft errors=sent.errors is_new=true base billed currency back/>
        </Dashboard>
    }
}

/// A plan that is there.
#[component]
pub fn PlanPage(
    frame: Frame,
    summary: PlanSummary,
    draft: PlanDraft,
    sent: Sent,
    /// Deletion was refused because of that many live subscriptions.
    in_use: Option<i64>,
) -> impl IntoView {
    let text = frame.text();
    let back = frame.href(Section::Plans);
    let (billed, currency) = (frame.is_billed(), frame.currency());
    let subscribers = subscribers_href(&frame.href(Section::Users), &summary.plan);
    let plan = summary.plan.clone();
    let actions = {
        let (plan, href) = (plan.clone(), subscribers.clone());
        move || {
            view! {
                <p class="flex flex-wrap items-center gap-3 text-sm">
                    <Badges text plan=plan.clone()/>
                    <Subscribers text count=summary.active_subscribers href=href.clone()/>
                </p>
            }
        }
    };
    let save = sent.of("save");
    view! {
        <Dashboard frame title=plan.name.to_string() section=Section::Plans actions>
            {in_use.map(|count| view! { <InUse text count href=subscribers archived=plan.archived_at.is_some()/> })}
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <PlanEditor text draft errors=save.errors is_new=false base=plan.clone() billed currency back/>
            <Prices text summary=summary.clone() sent=sent.of("add_price")/>
            <Panel title=text.danger_zone()>
                <Archive text archived=plan.archived_at.is_some()/>
                <div class="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-5">
                    <div class="min-w-0 flex-1 basis-80">
                        <h3 class="font-medium">{text.delete_plan()}</h3>
                        <p class="text-sm text-muted">{text.delete_plan_body()}</p>
                    </div>
                    <Confirm label=text.delete_plan() effect=text.delete_plan_effect() id="delete-plan">
                        <input type="hidden" name=ACTION value="delete"/>
                    </Confirm>
                </div>
            </Panel>
        </Dashboard>
    }
}

/// `SUB_003`: how many hold the plan, who they are, and what can be done instead.
#[component]
fn InUse(text: Text, count: i64, href: String, archived: bool) -> impl IntoView {
    view! {
        <div tabindex="-1" autofocus>
            <Alert tone=Tone::Bad>
                <p class="font-semibold">{if count == 1 { text.plan_in_use_once() } else { text.plan_in_use(count) }}</p>
                <form method="post" class="mt-2 flex flex-wrap items-center gap-3">
                    {(!archived).then(|| view! {
                        <Button look=Look::Secondary small=true attr:name=ACTION attr:value="archive">
                            {text.archive_instead()}
                        </Button>
                    })}
                    <a class="font-medium underline underline-offset-2" href=href>{text.see_subscribers()}</a>
                </form>
            </Alert>
        </div>
    }
}

#[component]
fn Archive(text: Text, archived: bool) -> impl IntoView {
    let (title, body, action) = if archived {
        (text.unarchive_plan(), text.unarchive_plan_body(), "unarchive")
    } else {
        (text.archive_plan(), text.archive_plan_body(), "archive")
    };
    view! {
        <form method="post" class="flex flex-wrap items-center justify-between gap-3">
            <div class="min-w-0 flex-1 basis-80">
                <h3 class="font-medium">{title.clone()}</h3>
                <p class="text-sm text-muted">{body}</p>
            </div>
            <Button look=Look::Secondary attr:name=ACTION attr:value=action>{title}</Button>
        </form>
    }
}

/// The prices, and the form for one more.
#[component]
fn Prices(text: Text, summary: PlanSummary, sent: Sent) -> impl IntoView {
    let draft = if sent.is_empty() { PriceDraft::new() } else { PriceDraft::read(&sent.values) };
    let rows = summary
        .plan
        .prices
        .iter()
        .map(|price| {
            let archived = price.archived_at.is_some();
            let name = price.name.to_string();
            view! {
                <li class="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
                    <div class="min-w-0 flex-1 basis-48">
                        <p class="flex flex-wrap items-center gap-2 font-medium">
                            {name.clone()}
                            {archived.then(|| view! {
                                <Badge tone=Tone::Warn glyph=Some(Glyph::Archive)>{text.badge_archived()}</Badge>
                            })}
                        </p>
                        <p class="text-sm text-muted">{price_line(text, price)}</p>
                    </div>
                    {(!archived).then(|| view! {
                        <form method="post">
                            <input type="hidden" name="price" value=price.id.to_string()/>
                            <Button look=Look::Quiet small=true attr:name=ACTION attr:value="remove_price" attr:aria-label=text.remove_price(&name)>
                                {text.remove()}
                            </Button>
                        </form>
                    })}
                </li>
            }
        })
        .collect_view();
    let empty = summary.plan.prices.is_empty();
    view! {
        <Panel title=text.prices() body=text.prices_hint() id="prices">
            {if empty {
                view! { <p class="text-muted">{text.no_prices()}</p> }.into_any()
            } else {
                view! { <ul class="divide-y divide-line">{rows}</ul> }.into_any()
            }}
            <div class="grid gap-4 border-t border-line pt-5">
                <h3 class="font-medium">{text.add_price()}</h3>
                <PriceForm text price=draft errors=sent.errors/>
            </div>
        </Panel>
    }
}
