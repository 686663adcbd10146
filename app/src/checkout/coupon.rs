//! A coupon for an order: a field that opens, or the one that is taken off already.

use leptos::prelude::*;

use crate::{
    form::FormState,
    i18n::Text,
    ui::{Button, Field, Look},
};

/// What the page offers.
#[derive(Clone, Debug)]
pub enum Coupon {
    /// Nothing: the order pays an invoice.
    None,
    /// A code can be typed; what was typed last, and what is wrong with it.
    Field(FormState),
    Applied {
        code: String,
    },
}

/// Its forms post to `action` with `act=coupon`; an empty code takes the coupon away.
#[component]
pub(super) fn CouponForm(coupon: Coupon, action: String, text: Text) -> impl IntoView {
    match coupon {
        Coupon::None => ().into_any(),
        Coupon::Applied { code } => view! {
            <form method="post" action=action class="flex flex-wrap items-center justify-between gap-3">
                <input type="hidden" name="act" value="coupon"/>
                <p>{text.coupon_applied(code)}</p>
                <Button look=Look::Quiet small=true>{text.coupon_remove()}</Button>
            </form>
        }
        .into_any(),
        Coupon::Field(form) => {
            let error = form.error("coupon", text);
            let open = error.is_some();
            view! {
                <details open=open>
                    <summary class="min-h-6 py-1 text-link">{text.coupon_add()}</summary>
                    <form method="post" action=action class="grid gap-3 pt-3">
                        <input type="hidden" name="act" value="coupon"/>
                        <Field
                            name="coupon"
                            label=text.coupon_code()
                            value=form.value("coupon")
                            error
                            autocomplete="off"
                            maxlength=64
                            required=true
                            autofocus=open
                        />
                        <Button look=Look::Secondary>{text.coupon_apply()}</Button>
                    </form>
                </details>
            }
            .into_any()
        }
    }
}
