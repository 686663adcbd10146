//! What a provider that renews by itself has billed, and what becomes of it with us. When it does so is its own affair:
//! its books are read, not foretold; the money in them has to be what we would have asked for.

use domain::{Timestamp, application::Provider};

use super::{
    Bank, Bill, Invoice, Model, Payment, Span, State,
    calendar::first_period,
    checkout::subscribes,
    quote::{Kind, Quote},
};
use crate::histories::catalogue::PRICES;

/// A subscription in the provider's books.
#[derive(Clone, Debug)]
pub struct Agreement {
    pub order: usize,
    pub ended: Option<Timestamp>,
    /// The price of the next bill, in coins.
    pub bills: i64,
    /// When it bills again by its books.
    pub until: Timestamp,
    /// It ends then.
    pub ends: bool,
    pub paused: bool,
    /// Oldest first.
    pub billed: Vec<Billed>,
}

/// One bill that is neither the first, nor void, nor a draft, nor of a trial.
#[derive(Clone, Debug)]
pub struct Billed {
    pub id: String,
    pub span: Span,
    /// In coins.
    pub total: i64,
    /// What credit took off it.
    pub credit: i64,
    pub paid: bool,
    /// When the last attempt failed.
    pub failed: Option<Timestamp>,
}

impl Model {
    pub(super) fn agrees(&self, quote: &Quote) -> bool {
        self.provider == Provider::Stripe && subscribes(quote)
    }

    /// What a provider that renews by itself makes of a quote: its periods begin when it was paid.
    pub(super) fn as_agreed(&self, quote: &Quote, at: Timestamp, trial_ends: Option<Timestamp>) -> Quote {
        let mut agreed = quote.clone();
        if self.agrees(quote) {
            let first = quote.price.and_then(|price| first_period(at, PRICES[price].every));
            agreed.begins = false;
            agreed.period = trial_ends.map(|ends| (at, ends)).or(first);
            agreed.anchor = Some(trial_ends.unwrap_or(at));
            agreed.trial_ends = trial_ends;
        }
        agreed
    }

    /// Reads the provider's books, and holds ours against them. `Err` says how they differ.
    pub fn follow(&mut self, books: &[Agreement]) -> Result<(), String> {
        for own in books {
            self.read(own)?;
        }
        let now = self.now;
        self.end_grace();
        self.pass(now);
        let held = self.sub.as_ref().and_then(|sub| sub.agreement);
        if let Some(own) = books.iter().find(|own| own.ended.is_none() && Some(own.order) != held) {
            return Err(format!("the provider goes on with what nobody holds: {own:?}"));
        }
        let Some(sub) = self.sub.as_ref().filter(|sub| sub.agreement.is_some()) else { return Ok(()) };
        let Some(own) = books.iter().find(|own| own.ended.is_none()) else {
            return Err(format!("the provider has ended {sub:?}"));
        };
        // What is paused waits with its changes.
        let then = sub.then.filter(|_| !self.is_paused());
        let price = then.unwrap_or(sub.price).or(sub.price);
        let coins = price.map_or(0, |price| PRICES[price].coins);
        let ends = sub.cancel_at.is_some() || then == Some(None);
        let until = sub.period.map(|period| period.1);
        let begun = until.is_some_and(|until| until <= self.now) || matches!(sub.state, State::Behind { .. });
        let agrees = (own.bills == coins || ends)
            && own.ends == ends
            && own.paused == self.is_paused()
            && (begun || self.is_paused() || Some(own.until) == until);
        if agrees { Ok(()) } else { Err(format!("the provider has {own:?} of {sub:?}")) }
    }

    fn read(&mut self, own: &Agreement) -> Result<(), String> {
        for billed in &own.billed {
            self.take_bill(own, billed)?;
        }
        let held = self.sub.as_ref().is_some_and(|sub| sub.agreement == Some(own.order));
        if held && own.ended.is_some_and(|at| at <= self.now) {
            self.end();
        }
        Ok(())
    }

    /// No money is in the books by the end of the grace.
    fn end_grace(&mut self) {
        let grace = self.sub.as_ref().filter(|sub| sub.agreement.is_some()).and_then(|sub| sub.state.grace());
        if grace.is_some_and(|until| until <= self.now) {
            self.end();
        }
    }

    fn take_bill(&mut self, own: &Agreement, billed: &Billed) -> Result<(), String> {
        let Some(sub) = self.sub.clone().filter(|sub| sub.agreement == Some(own.order)) else { return Ok(()) };
        let Some((_, end)) = sub.period else { return Ok(()) };
        let ahead = billed.span.0 >= end;
        let known = self.billed.iter().find(|(id, _)| *id == billed.id).map(|(_, index)| *index);
        let index = match known {
            Some(index) => index,
            None if ahead => {
                let price = sub.price.ok_or("the free plan is billed")?;
                let quote = Quote::whole(Kind::Renewal, price, 0, sub.discount, billed.credit);
                if (quote.due, quote.used) != (billed.total, billed.credit) {
                    return Err(format!("{billed:?} is billed for {sub:?}"));
                }
                let own = &mut self.credit[quote.purse()];
                *own -= quote.used.min(*own);
                let (span, anchor, state) = (billed.span, sub.anchor, Bill::Open);
                self.invoices.push(Invoice { sub: sub.id, span, anchor, quote, state, renewal: true, failed: 0 });
                self.billed.push((billed.id.clone(), self.invoices.len() - 1));
                self.invoices.len() - 1
            }
            None => return Ok(()),
        };
        if billed.paid && self.invoices[index].state == Bill::Open {
            self.collected(index);
            if ahead {
                self.advance(index);
            }
        } else if let Some(at) = billed.failed.filter(|_| self.invoices[index].state == Bill::Open) {
            self.behind_since(at);
        }
        Ok(())
    }

    /// The provider has the money of an invoice.
    fn collected(&mut self, index: usize) {
        let invoice = &mut self.invoices[index];
        invoice.state = Bill::Paid { at: self.now };
        self.payments.push(Payment {
            amount: invoice.quote.due,
            refunded: 0,
            order: None,
            charged: Some(index),
            invoice: Some(index),
            credited: 0,
            purse: 0,
            refundable: self.refundable(self.card, self.now),
            heard: self.now,
            bank: Bank::Content,
            known: Bank::Content,
        });
    }
}
