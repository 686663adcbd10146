//! The plan to which a list is narrowed.

use domain::billing::plan::PlanKey;
use leptos::prelude::*;

use super::frame::Frame;
use crate::ui::Labelled;

/// The field `plan` of a list's search, with the plans of the application.
#[component]
pub fn PlanFilter(frame: Frame, chosen: Option<PlanKey>) -> impl IntoView {
    let text = frame.text();
    let plans = frame.current.as_ref().map(|entry| entry.plans.clone()).unwrap_or_default();
    view! {
        <div class="min-w-0 basis-44">
            <Labelled id="plan-filter" label=text.users_plan()>
                <select class="input" id="plan-filter" name="plan">
                    <option value="">{text.any_plan()}</option>
                    {plans
                        .into_iter()
                        .map(|plan| {
                            let selected = chosen.as_ref() == Some(&plan.key);
                            view! { <option value=plan.key.to_string() selected=selected>{plan.name.to_string()}</option> }
                        })
                        .collect_view()}
                </select>
            </Labelled>
        </div>
    }
}
