//! `/dashboard/{slug}/clock`: the test clock of an application that collects in the sandbox.

use domain::Timestamp;
use leptos::prelude::*;
use service::billing::lists::moves::Moved;

use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Dashboard, Frame, Panel, Section},
        history::Entries,
        moment::moment,
    },
    i18n::Text,
    ui::{Button, ErrorSummary, Field, Look},
};

/// The steps that have a button of their own.
const STEPS: [&str; 4] = ["1d", "1w", "1mo", "1y"];

#[component]
pub fn ClockPage(
    frame: Frame,
    /// In billing time.
    now: Timestamp,
    real: Timestamp,
    moved: Option<Moved>,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let ahead = now - real;
    // Where it stood when this page was made: a form that is sent twice moves it once.
    let seen = ahead.num_seconds().to_string();
    let labels = [text.clock_day(), text.clock_week(), text.clock_month(), text.clock_year()];
    let sent_move = sent.of("advance");
    view! {
        <Dashboard frame title=text.clock_title() section=Section::Clock>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <Panel title=text.clock_now() body=text.clock_body()>
                <div>
                    <p class="text-2xl font-semibold tabular-nums">{moment(text, now)}</p>
                    <p class="text-sm text-muted">{lead(text, ahead.num_hours())}</p>
                    <p class="text-sm text-muted">{text.clock_real()}": "{moment(text, real)}</p>
                </div>
                <div class="flex flex-wrap gap-3">
                    {STEPS
                        .into_iter()
                        .zip(labels)
                        .map(|(step, label)| view! {
                            <form method="post">
                                <input type="hidden" name="ahead" value=seen.clone()/>
                                <input type="hidden" name="advance" value=step/>
                                <Button look=Look::Secondary attr:name=ACTION attr:value="advance">{label}</Button>
                            </form>
                        })
                        .collect_view()}
                </div>
                <form method="post" class="flex flex-wrap items-end gap-3 border-t border-line pt-5" novalidate>
                    <input type="hidden" name="ahead" value=seen.clone()/>
                    <div class="min-w-0 flex-1 basis-52 sm:max-w-xs">
                        <Field
                            name="advance"
                            label=text.clock_by()
                            hint=Some(text.clock_by_hint())
                            value=sent_move.or("advance", "")
                            error=sent_move.error("advance")
                            autocomplete="off"
                            placeholder="1mo"
                        />
                    </div>
                    <Button attr:name=ACTION attr:value="advance">{text.clock_advance()}</Button>
                </form>
            </Panel>
            {moved.map(|moved| view! {
                <Panel title=text.clock_happened() id="happened">
                    <Entries text entries=moved.entries none=text.clock_nothing()/>
                    {moved.more.then(|| view! { <p class="text-sm text-muted">{text.history_more()}</p> })}
                </Panel>
            })}
        </Dashboard>
    }
}

/// How far billing time runs ahead, in days; in hours below one.
fn lead(text: Text, hours: i64) -> String {
    match hours {
        0 => text.clock_in_step(),
        1 => text.clock_ahead_hour(),
        2..24 => text.clock_ahead_hours(hours),
        24..36 => text.clock_ahead_day(),
        _ => text.clock_ahead(text.number((hours + 12) / 24)),
    }
}
