//! The mails about money: an invoice with its pay link, its reminders, a payment that is missing, a receipt.

use std::sync::Arc;

use domain::{
    ErrorCode, Timestamp,
    application::Provider,
    billing::invoice::{Invoice, State},
};

use super::{Button, Kind, Letter, Recipient, queue, text::Text};
use crate::{Result, billing::hold::Hold, directory::ApplicationEntry, tx::Tx};

/// A renewal that is paid by a link.
pub(crate) async fn invoice(tx: &Tx<'_>, hold: &Hold, invoice: &Invoice) -> Result<()> {
    let Some(about) = About::load(tx, hold, invoice).await? else { return Ok(()) };
    let text = about.text;
    let letter = Letter {
        title: text.invoice_title(),
        paragraphs: vec![text.invoice_body(about.plan(), about.date(invoice.period.start))],
        button: Some(about.pay(tx)?),
        notes: vec![text.link_note()],
        ..about.letter(text.invoice_subject(about.product(), &invoice.number))
    };
    about.queue(tx, Kind::RenewalInvoice, letter).await
}

/// An open invoice again. One whose moment is that of another mail about the invoice is that mail.
pub(crate) async fn reminder(tx: &Tx<'_>, hold: &Hold, invoice: &Invoice) -> Result<()> {
    let behind = hold.subscription.as_ref().is_some_and(
        |held| matches!(held.state, domain::billing::subscription::State::PastDue { since, .. } if since == hold.now),
    );
    let State::Open { due_at } = invoice.state else { return Ok(()) };
    if behind || invoice.created_at == hold.now {
        return Ok(());
    }
    let Some(about) = About::load(tx, hold, invoice).await? else { return Ok(()) };
    let text = about.text;
    let body = if due_at < hold.now {
        text.overdue_body(about.plan(), about.date(due_at))
    } else {
        text.reminder_body(about.plan(), about.date(due_at))
    };
    let letter = Letter {
        title: text.reminder_title(),
        paragraphs: [Some(body), about.grace(hold)].into_iter().flatten().collect(),
        button: Some(about.pay(tx)?),
        notes: vec![text.already_paid(), text.link_note()],
        ..about.letter(text.reminder_subject(about.product(), &invoice.number))
    };
    about.queue(tx, Kind::Reminder, letter).await
}

/// The grace has begun. What a provider renews by itself is not paid here: it would be paid twice.
pub(crate) async fn past_due(tx: &Tx<'_>, hold: &Hold, invoice: &Invoice) -> Result<()> {
    let Some(about) = About::load(tx, hold, invoice).await? else { return Ok(()) };
    let text = about.text;
    let elsewhere = hold.billing.reference.is_some();
    let charged = elsewhere || invoice.attempts.failed > 0;
    let (subject, title) = if charged {
        (text.failed_subject(about.product()), text.failed_title())
    } else {
        (text.behind_subject(about.product()), text.behind_title())
    };
    let body = match (elsewhere, charged) {
        (true, _) => text.failed_elsewhere_body(about.plan()),
        (false, true) => text.failed_body(about.plan()),
        (false, false) => text.overdue_body(about.plan(), about.date(invoice.period.start)),
    };
    let (button, notes) = if elsewhere {
        (about.home(), vec![])
    } else {
        (Some(about.pay(tx)?), vec![text.already_paid(), text.link_note()])
    };
    let letter = Letter {
        title,
        paragraphs: [Some(body), about.grace(hold)].into_iter().flatten().collect(),
        button,
        notes,
        ..about.letter(subject)
    };
    about.queue(tx, Kind::PastDue, letter).await
}

/// What was paid. Nothing is sent where nothing was due.
pub(crate) async fn receipt(tx: &Tx<'_>, hold: &Hold, invoice: &Invoice) -> Result<()> {
    let State::Paid { at } = invoice.state else { return Ok(()) };
    if invoice.quote.due.is_zero() {
        return Ok(());
    }
    let Some(about) = About::load(tx, hold, invoice).await? else { return Ok(()) };
    let text = about.text;
    let mut letter = Letter {
        title: text.receipt_title(),
        paragraphs: vec![text.receipt_body(about.plan())],
        button: about.home(),
        ..about.letter(text.receipt_subject(about.product(), &invoice.number))
    };
    letter.rows.push((text.paid_on(), about.date(at)));
    about.queue(tx, Kind::Receipt, letter).await
}

/// An invoice with whom it is for.
struct About<'a> {
    entry: Arc<ApplicationEntry>,
    invoice: &'a Invoice,
    to: Recipient,
    text: Text,
}

impl<'a> About<'a> {
    /// `None` when nobody is to be written to.
    async fn load(tx: &Tx<'_>, hold: &Hold, invoice: &'a Invoice) -> Result<Option<Self>> {
        let Some(to) = Recipient::of(tx, hold.user()).await? else { return Ok(None) };
        let directory = tx.services.directory();
        let entry = directory.application(hold.application()).ok_or(ErrorCode::ApplicationNotFound)?.clone();
        Ok(Some(Self { entry, invoice, text: Text(to.locale), to }))
    }

    fn product(&self) -> &str {
        self.entry.application.settings.name.as_str()
    }

    fn plan(&self) -> String {
        self.entry.plan(self.invoice.quote.plan_id).map_or_else(String::new, |plan| plan.name.to_string())
    }

    fn date(&self, at: Timestamp) -> String {
        self.to.locale.date(at)
    }

    fn money(&self) -> String {
        self.invoice.quote.due.format(self.to.locale)
    }

    /// A letter with the rows that all have.
    fn letter(&self, subject: String) -> Letter {
        let (text, invoice) = (self.text, self.invoice);
        let mut rows = vec![(text.number(), invoice.number.to_string()), (text.plan(), self.plan())];
        // What is bought for good has no period.
        if invoice.period.start < invoice.period.end {
            let (start, end) = (self.date(invoice.period.start), self.date(invoice.period.end));
            rows.push((text.period(), text.span(start, end)));
        }
        if let State::Open { due_at } = invoice.state {
            rows.push((text.due(), self.date(due_at)));
        }
        rows.push((text.amount(), self.money()));
        Letter {
            locale: self.to.locale,
            subject,
            title: String::new(),
            paragraphs: Vec::new(),
            rows,
            button: None,
            notes: Vec::new(),
        }
    }

    fn pay(&self, tx: &Tx<'_>) -> Result<Button> {
        let path = tx.services.invoices().pay_path(self.invoice.id)?;
        Ok(Button { label: self.text.pay(self.money()), href: format!("{}{path}", tx.services.settings.issuer) })
    }

    /// The product's own address.
    fn home(&self) -> Option<Button> {
        let url = self.entry.application.settings.url.as_ref()?;
        Some(Button { label: self.text.to(self.product()), href: url.as_str().to_owned() })
    }

    /// Until when features stay, for who is past due.
    fn grace(&self, hold: &Hold) -> Option<String> {
        match hold.subscription.as_ref()?.state {
            domain::billing::subscription::State::PastDue { grace_until, .. } => {
                Some(self.text.keeps_until(self.date(grace_until)))
            }
            _ => None,
        }
    }

    async fn queue(self, tx: &Tx<'_>, kind: Kind, mut letter: Letter) -> Result<()> {
        if self.entry.application.settings.provider == Provider::Sandbox {
            letter.notes.push(self.text.test_mode());
        }
        queue(tx, kind, Some(self.entry.application.id), self.to, &letter).await
    }
}
