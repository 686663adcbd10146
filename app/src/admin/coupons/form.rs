//! The form for a new coupon.

use std::sync::Arc;

use domain::Currency;
use leptos::prelude::*;
use service::directory::ApplicationEntry;

use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::Panel,
    },
    i18n::Text,
    ui::{Button, Check, Field, Radios},
};

#[component]
pub fn CouponForm(
    text: Text,
    entry: Arc<ApplicationEntry>,
    /// What is proposed for a fixed amount.
    currency: Option<Currency>,
    sent: Sent,
) -> impl IntoView {
    let plans = entry.plans.iter().filter(|plan| plan.archived_at.is_none()).map(|plan| {
        let id = plan.id.to_string();
        let checked = sent.values.all("plan").any(|own| own == id);
        (id, plan.name.to_string(), checked)
    });
    let plans: Vec<_> = plans.collect();
    let currency = currency.map(|currency| currency.code().to_owned()).unwrap_or_default();
    let off = [("percent", text.coupon_kind_percent()), ("amount", text.coupon_kind_amount())];
    let lasts =
        [("once", text.coupon_once()), ("months", text.coupon_some_months()), ("forever", text.coupon_forever())];
    view! {
        <Panel title=text.coupon_new() body=text.coupon_new_body() id="new">
            <form method="post" class="grid gap-6" novalidate>
                <div class="max-w-md">
                    <Field
                        name="code"
                        label=text.desk_coupon_code()
                        hint=Some(text.coupon_code_hint())
                        value=sent.or("code", "")
                        error=sent.error("code")
                        maxlength=32
                        autocomplete="off"
                    />
                </div>
                <fieldset class="grid gap-4">
                    <legend class="mb-1 font-medium">{text.coupon_off()}</legend>
                    <Radios name="off" chosen=sent.or("off", "percent") options=off.into()/>
                    <div class="fields sm:grid-cols-3">
                        <Field
                            name="percent"
                            label=text.coupon_percent()
                            hint=Some(text.coupon_percent_hint())
                            value=sent.or("percent", "")
                            error=sent.error("percent")
                            inputmode="decimal"
                            autocomplete="off"
                        />
                        <Field
                            name="off_amount"
                            label=text.coupon_amount()
                            hint=Some(text.coupon_amount_hint())
                            value=sent.or("off_amount", "")
                            error=sent.error("off_amount")
                            inputmode="decimal"
                            autocomplete="off"
                        />
                        <Field
                            name="currency"
                            label=text.currency()
                            value=sent.or("currency", currency)
                            error=sent.error("currency")
                            maxlength=3
                            autocomplete="off"
                        />
                    </div>
                </fieldset>
                <fieldset class="grid gap-4">
                    <legend class="mb-1 font-medium">{text.coupon_lasts()}</legend>
                    <Radios name="lasts" chosen=sent.or("lasts", "once") options=lasts.into()/>
                    <div class="fields sm:grid-cols-3">
                        <Field
                            name="months"
                            label=text.coupon_months()
                            hint=Some(text.coupon_months_hint())
                            value=sent.or("months", "")
                            error=sent.error("months")
                            inputmode="numeric"
                            autocomplete="off"
                        />
                        <Field
                            name="cap"
                            label=text.coupon_cap()
                            hint=Some(text.coupon_cap_hint())
                            value=sent.or("cap", "")
                            error=sent.error("cap")
                            inputmode="numeric"
                            autocomplete="off"
                        />
                        <Field
                            name="expiry"
                            kind="datetime-local"
                            label=text.coupon_expiry()
                            hint=Some(text.coupon_expiry_hint())
                            value=sent.or("expiry", "")
                            error=sent.error("expiry")
                        />
                    </div>
                </fieldset>
                {(!plans.is_empty()).then(|| view! {
                    <fieldset class="grid gap-2">
                        <legend class="font-medium">{text.coupon_plans()}</legend>
                        <p class="text-sm text-muted">{text.coupon_plans_hint()}</p>
                        <div class="flex flex-wrap gap-x-6 gap-y-2.5 pt-1">
                            {plans
                                .into_iter()
                                .map(|(id, label, checked)| view! {
                                    <Check name="plan" id=format!("plan-{id}") value=id label checked/>
                                })
                                .collect_view()}
                        </div>
                    </fieldset>
                })}
                <div><Button attr:name=ACTION attr:value="create">{text.coupon_create()}</Button></div>
            </form>
        </Panel>
    }
}
