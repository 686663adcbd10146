//! Money that goes back: refunds and disputes.

use chrono::{Days, NaiveTime, TimeDelta};
use domain::{Timestamp, application::Provider};

use super::{Bank, Model, OrderState, Payment, Refundable, Refused, Subject};
use crate::histories::history::Card;

/// The reconciler asks about orders until so long after they have closed, and about payments for so long.
const ORDERS: TimeDelta = TimeDelta::days(7);
const PAYMENTS: TimeDelta = TimeDelta::days(60);
/// Midtrans means the time in Jakarta.
const JAKARTA: TimeDelta = TimeDelta::hours(7);

impl Model {
    /// How a payment that came at `at` can be given back. Cards are settled at 16:00 of the next day, and transfers are
    /// given back by hand.
    pub(super) fn refundable(&self, by: Option<Card>, at: Timestamp) -> Refundable {
        match by {
            _ if self.provider != Provider::Midtrans => Refundable::Always,
            None => Refundable::Never,
            Some(Card::Wallet { .. }) => Refundable::Always,
            Some(_) => {
                let day = (at + JAKARTA).date_naive() + Days::new(1);
                let four = NaiveTime::from_hms_opt(16, 0, 0).unwrap();
                Refundable::InPartFrom(day.and_time(four).and_utc() - JAKARTA)
            }
        }
    }

    /// The payment that counts `back` from the newest.
    fn payment_index(&self, back: usize) -> Result<usize, Refused> {
        self.payments.len().checked_sub(back + 1).ok_or(Refused)
    }

    pub(super) fn refund(&mut self, back: usize, percent: i64) -> Result<(), Refused> {
        let index = self.payment_index(back)?;
        let payment = &self.payments[index];
        let part = (payment.amount - payment.refunded) * percent / 100;
        let allowed = match payment.refundable {
            Refundable::Always => true,
            Refundable::InPartFrom(at) => at <= self.now || part == payment.amount,
            Refundable::Never => false,
        };
        if part == 0 || !allowed || !matches!(payment.bank, Bank::Content | Bank::Won) {
            return Err(Refused);
        }
        self.goes_back(index, part);
        Ok(())
    }

    pub(super) fn dispute(&mut self, back: usize) -> Result<(), Refused> {
        let index = self.payment_index(back)?;
        let payment = &mut self.payments[index];
        if payment.bank != Bank::Content || !payment.is_disputable(self.provider) {
            return Err(Refused);
        }
        payment.bank = Bank::Asks;
        self.at_sandbox_hear(index);
        Ok(())
    }

    /// Midtrans tells nothing of a dispute that is won, and may tell of one that is lost before it was told.
    pub(super) fn decide(&mut self, back: usize, won: bool) -> Result<(), Refused> {
        let index = self.payment_index(back)?;
        let payment = &mut self.payments[index];
        let midtrans = self.provider == Provider::Midtrans;
        let open = payment.bank == Bank::Asks || (midtrans && payment.bank == Bank::Content);
        if !open || (midtrans && won) || !payment.is_disputable(self.provider) {
            return Err(Refused);
        }
        payment.bank = if won { Bank::Won } else { Bank::Lost };
        self.at_sandbox_hear(index);
        Ok(())
    }

    fn at_sandbox_hear(&mut self, index: usize) {
        if self.provider == Provider::Sandbox {
            self.learn(index);
        }
    }

    /// We hear what the bank says of a payment.
    pub(super) fn learn(&mut self, index: usize) {
        let payment = &mut self.payments[index];
        let before = std::mem::replace(&mut payment.known, payment.bank);
        let left = payment.amount - payment.refunded;
        if payment.bank == Bank::Lost && before != Bank::Lost && left > 0 {
            self.goes_back(index, left);
        }
    }

    /// What has become credit goes with it, as far as it is there; what went back whole has bought nothing.
    fn goes_back(&mut self, index: usize, part: i64) {
        let payment = &mut self.payments[index];
        payment.refunded += part;
        let taken = part.min(payment.credited).min(self.credit[payment.purse]);
        payment.credited -= taken;
        self.credit[payment.purse] -= taken;
        if payment.refunded < payment.amount {
            return;
        }
        let paid_for = payment.invoice;
        let Some((sub, index)) = self.sub.as_ref().zip(paid_for) else { return };
        let invoice = &self.invoices[index];
        if invoice.sub != sub.id {
            return;
        }
        let runs = match sub.period {
            Some(period) => period == invoice.span,
            None => sub.price == invoice.quote.price,
        };
        if runs {
            self.end();
        } else if invoice.renewal && sub.period.is_some_and(|period| period.1 == invoice.span.0) {
            // The period that it paid for has not begun, and does not.
            let (used, at, purse) = (invoice.quote.used, invoice.span.0, invoice.quote.purse());
            self.invoices[index].renewal = false;
            self.credit[purse] += used;
            if let Some(sub) = &mut self.sub {
                sub.cancel_at = Some(at);
            }
            self.cancel_open();
        }
    }

    /// The reconciler asks about everything that it asks about: what was lost is heard.
    pub fn reconcile(&mut self) {
        let now = self.now;
        for index in (0..self.orders.len()).rev() {
            let order = &self.orders[index];
            if order.state != OrderState::Paid && order.closes + ORDERS >= now {
                self.hear(Subject::Order(index));
            }
        }
        for index in (0..self.orders.len()).rev() {
            if self.orders[index].heard.is_some_and(|heard| heard + PAYMENTS >= now) {
                self.hear(Subject::Order(index));
            }
        }
        for index in 0..self.payments.len() {
            if self.payments[index].order.is_none() && self.payments[index].heard + PAYMENTS >= now {
                self.learn(index);
            }
        }
    }
}

impl Payment {
    /// Whether its owner's bank asks for it. At the sandbox only what was paid on its page.
    fn is_disputable(&self, provider: Provider) -> bool {
        self.refunded < self.amount && (provider != Provider::Sandbox || self.order.is_some())
    }
}
