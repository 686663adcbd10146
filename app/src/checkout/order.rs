//! The order, before it is paid: plan, sums, one button with the amount.

use leptos::prelude::*;

use super::{Coupon, Summary, SummaryCard, coupon::CouponForm};
use crate::{
    hosted::{Heading, Hosted},
    i18n::Text,
    look::Product,
    shell::Visit,
    ui::{Alert, Button, ButtonLink, Look, Tone},
};

/// Why an order was not paid when its button was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setback {
    /// The bank refused the last attempt.
    Failed,
    /// The provider did not answer: nobody has got to its page.
    Unanswered,
}

impl Setback {
    fn title(self, text: Text) -> String {
        match self {
            Self::Failed => text.payment_failed_title(),
            Self::Unanswered => text.payment_unanswered_title(),
        }
    }

    fn body(self, text: Text) -> String {
        match self {
            Self::Failed => text.payment_failed_body(),
            Self::Unanswered => text.payment_unanswered_body(),
        }
    }
}

/// The page of an order. Its form posts to `action`; `leave` is where somebody goes who does not pay.
#[component]
pub fn OrderPage(
    visit: Visit,
    product: Product,
    summary: Summary,
    coupon: Coupon,
    action: String,
    leave: Option<String>,
    /// Why it is not paid yet, where there is something to say.
    setback: Option<Setback>,
) -> impl IntoView {
    let text = visit.text();
    let (title, button) = (summary.title(text), summary.button(text));
    let description = (!summary.description.is_empty()).then(|| summary.description.clone());
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                {match description {
                    Some(body) => view! { <Heading title body/> }.into_any(),
                    None => view! { <Heading title/> }.into_any(),
                }}
                {setback.map(|setback| view! {
                    <Alert tone=Tone::Bad focused=true>
                        <p class="font-semibold">{setback.title(text)}</p>
                        <p>{setback.body(text)}</p>
                    </Alert>
                })}
                <SummaryCard summary text/>
                <div class="grid gap-2">
                    <form method="post" action=action.clone()>
                        <Button class="w-full">{button}</Button>
                    </form>
                    {leave.map(|href| view! {
                        <ButtonLink href look=Look::Quiet class="w-full">{text.not_now()}</ButtonLink>
                    })}
                </div>
                <CouponForm coupon action text/>
            </div>
        </Hosted>
    }
}
