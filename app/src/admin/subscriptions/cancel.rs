//! `/dashboard/{slug}/subscriptions/cancel`: several subscriptions are canceled together, after a look at what that
//! does to each.

use domain::Timestamp;
use leptos::prelude::*;
use service::billing::lists::cancel::{Ending, Hindrance};

use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Dashboard, Frame, Panel, Section},
        reason::ReasonField,
    },
    i18n::Text,
    ui::{Alert, Button, ButtonLink, EmptyState, ErrorSummary, Glyph, Look, Tone},
};

/// The parameter and field that names a subscription; there several times.
pub const ID: &str = "id";

/// The address of the page under the list's.
pub const PATH: &str = "cancel";

#[component]
pub fn CancelPage(
    frame: Frame,
    chosen: Vec<Ending>,
    /// It is done; otherwise it is asked.
    done: bool,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let base = frame.href(Section::Subscriptions);
    let (mut ending, mut left) = (Vec::new(), Vec::new());
    for (listed, end) in chosen {
        let row = Row {
            id: listed.subscription.id.to_string(),
            who: listed.user.display_name().to_owned(),
            plan: frame.current.as_ref().map(|entry| entry.plan_name(listed.subscription.plan_id)),
        };
        match end {
            Ok(at) => ending.push((row, at)),
            Err(hindrance) => left.push((row, hindrance)),
        }
    }
    let content = if ending.is_empty() && left.is_empty() {
        let (title, body) = (text.nothing_selected_title(), text.nothing_selected_body());
        view! { <EmptyState glyph=Glyph::Renew title body/> }.into_any()
    } else {
        let count = ending.len();
        view! {
            {done.then(|| view! { <Alert tone=Tone::Good><p>{text.canceled_count(count)}</p></Alert> })}
            {(count > 0).then(|| view! { <Canceled text base=base.clone() ending done sent=sent.clone()/> })}
            {(!left.is_empty()).then(|| view! { <Left text base=base.clone() left/> })}
        }
        .into_any()
    };
    view! {
        <Dashboard frame title=text.cancel_several() section=Section::Subscriptions>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            {content}
            <div><ButtonLink href=base look=Look::Secondary>{text.back_to_list()}</ButtonLink></div>
        </Dashboard>
    }
}

struct Row {
    id: String,
    who: String,
    plan: Option<String>,
}

/// What ends when; before it is done with the form that does it.
#[component]
fn Canceled(text: Text, base: String, ending: Vec<(Row, Timestamp)>, done: bool, sent: Sent) -> impl IntoView {
    let count = ending.len();
    let form = (!done).then(|| {
        let ids = ending.iter().map(|(row, _)| view! { <input type="hidden" name=ID value=row.id.clone()/> });
        view! {
            <form method="post" class="grid gap-4" novalidate>
                {ids.collect_view()}
                <ReasonField text sent/>
                <div>
                    <Button look=Look::Danger attr:name=ACTION attr:value="cancel">{text.cancel_count(count)}</Button>
                </div>
            </form>
        }
    });
    let rows = ending.iter().map(|(row, at)| line(&base, row, text.desk_ends_on(text.date(*at)))).collect_view();
    view! {
        <Panel title=text.cancel_count(count) body=text.cancel_several_body()>
            <ul class="divide-y divide-line">{rows}</ul>
            {form}
        </Panel>
    }
}

/// What stays as it is, and why.
#[component]
fn Left(text: Text, base: String, left: Vec<(Row, Hindrance)>) -> impl IntoView {
    let why = |hindrance| match hindrance {
        Hindrance::Ended => text.hindered_ended(),
        Hindrance::NotBilled => text.hindered_not_billed(),
        Hindrance::AtOnce => text.hindered_at_once(),
        Hindrance::Refused(code) => text.problem(code),
    };
    let rows = left.iter().map(|(row, hindrance)| line(&base, row, why(*hindrance))).collect_view();
    view! {
        <Panel title=text.left_count(left.len())>
            <ul class="divide-y divide-line">{rows}</ul>
        </Panel>
    }
}

fn line(base: &str, row: &Row, says: String) -> impl IntoView + use<> {
    view! {
        <li class="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 py-2">
            <span class="min-w-0 wrap-anywhere">
                <a class="font-medium text-link underline-offset-2 hover:underline" href=format!("{base}/{}", row.id) dir="auto">
                    {row.who.clone()}
                </a>
                " "
                <span class="text-sm text-muted">{row.plan.clone()}</span>
            </span>
            <span class="text-sm">{says}</span>
        </li>
    }
}
