//! A subscription's bills: what became of them, and the one that is not asked for yet.

use domain::{
    Money, Timestamp,
    billing::{order::Said, payment::Fact},
};
use stripe_billing::{
    invoice::{ListInvoice, RetrieveInvoice},
    invoice_item::CreateInvoiceItem,
};
use uuid::Uuid;

use super::period;
use crate::{
    Result,
    payment::{
        Billed, Draft, Report,
        objects::derived,
        stripe::{
            Stripe,
            answers::{self, CREDIT, Invoice, Listed, Metadata, Named, Ref, Session, moment, money},
            catalog::currency,
            currencies::taken_off,
        },
    },
};

/// How many bills back an agreement tells; older ones are asked for by their own notifications.
const TOLD: i64 = 4;

impl Stripe {
    pub(super) async fn invoices(&self, found: &answers::Subscription) -> Result<Vec<Invoice>> {
        let request =
            ListInvoice::new().subscription(found.id.as_str()).limit(TOLD).expand(["data.payments".to_owned()]);
        let listed: Option<Listed<Invoice>> = self.wire.get(&request, self.mode).await?;
        Ok(listed.map(|listed| listed.data).unwrap_or_default())
    }

    pub(super) async fn billed(
        &self,
        found: &answers::Subscription,
        order: Option<Uuid>,
        invoices: &[Invoice],
    ) -> Result<Vec<Billed>> {
        let mut billed = Vec::new();
        for invoice in invoices {
            let first = invoice.billing_reason.as_deref() == Some("subscription_create");
            let key = order.filter(|_| first).unwrap_or_else(|| derived(&invoice.id));
            let Some((payment, failed_at)) = self.bill(invoice, key).await? else { continue };
            let Some(line) = invoice.period().or(found.period()) else { continue };
            let (id, credit) = (invoice.id.clone(), money(invoice.credit(), &invoice.currency)?);
            billed.push(Billed {
                invoice: id,
                period: period(line),
                renews: invoice.renews(),
                credit,
                payment,
                failed_at,
            });
        }
        Ok(billed)
    }

    /// What became of a bill, and when it failed last. Drafts are not asked for yet, void ones no more, and the bill of
    /// a trial is none.
    async fn bill(&self, invoice: &Invoice, key: Uuid) -> Result<Option<(Report, Option<Timestamp>)>> {
        let counts = matches!(invoice.status.as_deref(), Some("open" | "paid" | "uncollectible"));
        if !counts || invoice.is_free() {
            return Ok(None);
        }
        let Some(intent) = invoice.intent() else { return Ok(Some((self.by_credit(invoice, key)?, None))) };
        let Some(intent) = self.intent(intent).await? else { return Ok(None) };
        let charge = intent.latest_charge.as_ref().and_then(Ref::object);
        let failed = invoice.attempted && invoice.status.as_deref() != Some("paid");
        let failed_at = failed.then(|| moment(charge.map_or(intent.created, |charge| charge.created)));
        Ok(Some((self.report(&intent, key).await?, failed_at)))
    }

    /// The first bill of a subscription, also of one that has had many since.
    pub(super) async fn first_bill(&self, session: &Session, key: Uuid) -> Result<Option<Report>> {
        let Some(invoice) = &session.invoice else { return Ok(None) };
        let request = RetrieveInvoice::new(invoice.id().to_owned()).expand(["payments".to_owned()]);
        let Some(invoice) = self.wire.get::<Invoice>(&request, self.mode).await? else { return Ok(None) };
        Ok(self.bill(&invoice, key).await?.map(|(report, _)| report))
    }

    /// Stripe's own page of the oldest bill that is open.
    pub(in crate::payment::stripe) async fn hosted_invoice(&self, subscription: &str) -> Result<Option<String>> {
        let request =
            ListInvoice::new().subscription(subscription).status(stripe_shared::InvoiceStatus::Open).limit(TOLD);
        let listed: Option<Listed<Invoice>> = self.wire.get(&request, self.mode).await?;
        Ok(listed.into_iter().flat_map(|listed| listed.data).rev().find_map(|invoice| invoice.hosted_invoice_url))
    }

    /// A bill that needed no money: a coupon, our credit, or the customer's balance at Stripe covered it.
    fn by_credit(&self, invoice: &Invoice, key: Uuid) -> Result<Report> {
        let amount = money(invoice.amount_paid, &invoice.currency)?;
        let paid = invoice.status.as_deref() == Some("paid");
        Ok(Report {
            reference: invoice.id.clone(),
            key,
            mode: self.mode,
            money: money(invoice.total.max(0), &invoice.currency)?,
            said: Said::default(),
            facts: paid.then_some(Fact::Succeeded { amount }).into_iter().collect(),
            method: None,
            pay_until: None,
            agreement: None,
            surplus: Vec::new(),
        })
    }

    /// Takes credit off a draft, as a line of its own, as far as Stripe charges what is left.
    pub(in crate::payment::stripe) async fn credit_line(&self, draft: &Draft, credit: Money) -> Result<()> {
        let taken = taken_off(draft.total, credit);
        if taken == 0 {
            return Ok(());
        }
        let line = CreateInvoiceItem::new()
            .customer(draft.customer.as_str())
            .invoice(draft.invoice.as_str())
            .amount(-taken)
            .currency(currency(credit.currency()))
            .description("Credit")
            .discountable(false)
            .metadata(Metadata::from([(CREDIT.to_owned(), taken.to_string())]));
        self.wire.make::<Named>(&line, ("credit", &draft.invoice), self.mode).await?;
        Ok(())
    }
}

/// The newest bill, if it renews, is not asked for yet, and no credit was taken off it.
pub(super) fn draft(newest: Option<&Invoice>) -> Result<Option<Draft>> {
    let renews = |invoice: &&Invoice| {
        invoice.status.as_deref() == Some("draft") && invoice.renews() && invoice.credit() == 0 && invoice.total > 0
    };
    let Some(invoice) = newest.filter(renews) else { return Ok(None) };
    let (Some(customer), Some(span)) = (&invoice.customer, invoice.period()) else { return Ok(None) };
    Ok(Some(Draft {
        invoice: invoice.id.clone(),
        customer: customer.id().to_owned(),
        period: period(span),
        total: money(invoice.total, &invoice.currency)?,
    }))
}
