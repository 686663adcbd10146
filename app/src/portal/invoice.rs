//! An invoice, as somebody would print it.

use domain::{Money, Timestamp, billing::subscription::Period, route};
use leptos::prelude::*;

use super::{
    history::{Mark, badge, invoice_address},
    overview::Back,
};
use crate::{
    form::Fault,
    hosted::{Heading, Hosted, Width},
    i18n::Text,
    look::Product,
    shell::Visit,
    ui::{Alert, Button, ErrorSummary, SumLine, SumLines, Tone},
};

/// Whether anything is left to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dues {
    None,
    Open,
    /// A charge of the kept method is under way.
    Charging,
}

/// What it says.
#[derive(Clone, Debug)]
pub struct InvoiceView {
    pub of: String,
    pub number: String,
    pub issued_at: Timestamp,
    pub name: Option<String>,
    pub email: String,
    pub period: Option<Period>,
    pub lines: Vec<SumLine>,
    pub due: Money,
    pub mark: Mark,
    pub paid_with: Option<String>,
    pub dues: Dues,
}

#[component]
pub fn InvoicePage(visit: Visit, product: Product, invoice: InvoiceView, fault: Option<Fault>) -> impl IntoView {
    let text = visit.text();
    let title = text.invoice_title(&invoice.number);
    let from = product.name.clone();
    let period = invoice.period.map(|period| text.billing_time(text.date(period.start), text.date(period.end)));
    let action = invoice_address(&invoice.number);
    view! {
        <Hosted visit product title=title.clone() width=Width::Page>
            <Back href=route::PORTAL.to_owned() label=text.back_to_plan()/>
            <div class="print:hidden empty:hidden">
                <ErrorSummary text message=fault.map(|fault| fault.text(text))/>
            </div>
            <article class="card grid gap-6 p-6 sm:p-8 print:border-0 print:p-0 print:shadow-none">
                <div class="flex flex-wrap items-start justify-between gap-3">
                    <Heading title/>
                    {badge(invoice.mark, text)}
                </div>
                <dl class="grid gap-4 sm:grid-cols-3">
                    {fact(text.invoice_from(), vec![from])}
                    {fact(text.billed_to(), invoice.name.into_iter().chain([invoice.email]).collect())}
                    {fact(text.issued_on(), vec![text.date(invoice.issued_at)])}
                </dl>
                {period.map(|period| view! { <p class="-mb-4 text-sm text-muted">{period}</p> })}
                <dl class="grid gap-2">
                    <SumLines lines=invoice.lines/>
                    <div class="mt-2 flex items-baseline justify-between gap-4 border-t border-line pt-3 text-lg font-semibold">
                        <dt>{text.total_due()}</dt>
                        <dd class="shrink-0 whitespace-nowrap tabular-nums">{text.money(invoice.due)}</dd>
                    </div>
                </dl>
                {invoice.paid_with.map(|method| view! {
                    <p class="text-sm text-muted">{text.paid_with()} " " {method}</p>
                })}
                {(invoice.dues == Dues::Open).then(|| view! {
                    <form method="post" action=action class="print:hidden">
                        <input type="hidden" name="of" value=invoice.of/>
                        <Button class="w-full">{text.pay_invoice(text.money(invoice.due))}</Button>
                    </form>
                })}
                {(invoice.dues == Dues::Charging).then(|| view! {
                    <div class="print:hidden"><BeingCharged text/></div>
                })}
            </article>
        </Hosted>
    }
}

/// Says that nobody has to pay at this moment.
#[component]
pub(super) fn BeingCharged(text: Text) -> impl IntoView {
    view! {
        <Alert tone=Tone::Note>
            <p class="font-semibold">{text.bill_charged_title()}</p>
            <p>{text.bill_charged_body()}</p>
        </Alert>
    }
}

fn fact(label: String, lines: Vec<String>) -> impl IntoView {
    let lines = lines.into_iter().map(|line| view! { <dd class="wrap-anywhere">{line}</dd> }).collect::<Vec<_>>();
    view! {
        <div class="grid content-start gap-0.5">
            <dt class="text-sm text-muted">{label}</dt>
            {lines}
        </div>
    }
}
