//! The mails about money: an invoice with its pay link, its reminders, a payment that is missing, a receipt.

use domain::billing::invoice::{Invoice, State};

use super::{Button, Kind, Letter, reader::Reader};
use crate::{Result, billing::hold::Hold, tx::Tx};

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
    reader: Reader,
    invoice: &'a Invoice,
}

impl std::ops::Deref for About<'_> {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl<'a> About<'a> {
    /// `None` when nobody is to be written to.
    async fn load(tx: &Tx<'_>, hold: &Hold, invoice: &'a Invoice) -> Result<Option<Self>> {
        Ok(Reader::load(tx, hold).await?.map(|reader| Self { reader, invoice }))
    }

    fn plan(&self) -> String {
        self.reader.plan(self.invoice.quote.plan_id)
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

    /// Until when features stay, for who is past due.
    fn grace(&self, hold: &Hold) -> Option<String> {
        match hold.subscription.as_ref()?.state {
            domain::billing::subscription::State::PastDue { grace_until, .. } => {
                Some(self.text.keeps_until(self.date(grace_until)))
            }
            _ => None,
        }
    }

    async fn queue(self, tx: &Tx<'_>, kind: Kind, letter: Letter) -> Result<()> {
        self.reader.queue(tx, kind, letter).await
    }
}
