//! What time does.

use domain::Timestamp;

use super::{
    AHEAD, Bank, Bill, DAY, Invoice, Model, OrderState, Payment, RETRIES, State, Sub,
    calendar::following,
    quote::{Kind, Quote},
};
use crate::histories::{
    catalogue::{PRICES, purse},
    history::Card,
};

enum Event {
    End,
    Change,
    Make(usize),
    Charge(usize),
    Miss,
    Advance(usize),
}

impl Model {
    /// Time goes on to `to`.
    pub fn pass(&mut self, to: Timestamp) {
        self.clock = to;
        while let Some((at, event)) = self.next_event().filter(|(at, _)| *at <= to) {
            self.now = at;
            self.happen(event);
        }
        self.now = to;
    }

    fn next_event(&self) -> Option<(Timestamp, Event)> {
        let sub = self.sub.as_ref()?;
        // Whether the money has come is in the books of a provider that renews by itself.
        let grace = if sub.agreement.is_some() { None } else { sub.state.grace() };
        // A trial that nothing follows ends with its period.
        let tried = sub.period.filter(|_| sub.state == State::Trial && sub.then.is_none()).map(|period| period.1);
        let end = grace.into_iter().chain(sub.cancel_at).chain(tried).min();
        let goes_on = !matches!(sub.state, State::Paused { .. });
        let change = sub
            .period
            .map(|period| period.1)
            .filter(|at| sub.then.is_some() && goes_on && end.is_none_or(|end| *at < end));
        let ending = end.map(|at| (at, Event::End));
        let changing = change.map(|at| (at, Event::Change));
        let money = self.next_money(sub, end, change.is_some()).filter(|_| goes_on);
        ending.into_iter().chain(changing).chain(money).min_by_key(|(at, _)| *at)
    }

    fn next_money(&self, sub: &Sub, end: Option<Timestamp>, changes: bool) -> Option<(Timestamp, Event)> {
        let (start, boundary) = sub.period?;
        // What its provider renews is told by it.
        if sub.agreement.is_some() || end.is_some_and(|end| end <= boundary) {
            return None;
        }
        let price = if changes { sub.then? } else { sub.price }?;
        let Some(invoice) = self.next_index() else {
            let at = if self.card.is_some() { boundary } else { (boundary - AHEAD).max(start) };
            return Some((at, Event::Make(price)));
        };
        let own = &self.invoices[invoice];
        match own.state {
            Bill::Paid { at } => Some((at.max(boundary), Event::Advance(invoice))),
            Bill::Open if self.card.is_some() => {
                let days = if own.failed == 0 { 0 } else { *RETRIES.get(own.failed - 1)? };
                let at = boundary + DAY * days as i32;
                let awaited = self.awaited(invoice).filter(|_| own.failed > 0);
                Some((awaited.map_or(at, |until| at.max(until)), Event::Charge(invoice)))
            }
            Bill::Open if sub.state == State::Active => Some((boundary, Event::Miss)),
            _ => None,
        }
    }

    /// Until when an invoice's money may arrive by a transfer that was begun.
    fn awaited(&self, invoice: usize) -> Option<Timestamp> {
        let of_invoice = self.orders.iter().filter(|order| order.invoice == Some(invoice));
        let until = of_invoice.filter_map(|order| match order.state {
            OrderState::Pending { until } => Some(until),
            _ => None,
        });
        until.max()
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::End => self.end(),
            Event::Change => {
                let Some(price) = self.sub.as_mut().and_then(|sub| sub.then.take()) else { return };
                match (price, &mut self.sub) {
                    (Some(_), Some(sub)) => {
                        sub.price = price;
                        if sub.state == State::Trial {
                            sub.state = State::Active;
                        }
                    }
                    _ => self.put_on_free(),
                }
                self.cancel_open();
            }
            Event::Make(price) => self.make(price),
            Event::Charge(invoice) => self.charge(invoice),
            Event::Miss => self.fall_behind(),
            Event::Advance(invoice) => self.advance(invoice),
        }
    }

    /// The period of a paid invoice begins.
    pub(super) fn advance(&mut self, invoice: usize) {
        let Invoice { span, anchor, quote, .. } = self.invoices[invoice].clone();
        if let Some(sub) = &mut self.sub {
            (sub.state, sub.period, sub.anchor) = (State::Active, Some(span), anchor);
            sub.discount = quote.discount;
        }
        self.cancel_open();
    }

    fn make(&mut self, price: usize) {
        let Some(sub) = &self.sub else { return };
        let Some((_, start)) = sub.period else { return };
        let (anchor, span) = following(sub.anchor, start, PRICES[price].every);
        let quote = Quote::whole(Kind::Renewal, price, 0, sub.discount, self.credit[purse(Some(price))]);
        let state = if quote.due == 0 { Bill::Paid { at: self.now } } else { Bill::Open };
        self.credit[quote.purse()] -= quote.used;
        self.invoices.push(Invoice { sub: sub.id, span, anchor, quote, state, renewal: true, failed: 0 });
    }

    fn charge(&mut self, index: usize) {
        let works = match self.card {
            Some(Card::Good | Card::Secure(_) | Card::Disputed) => true,
            Some(Card::Wallet { .. }) => self.wallet,
            _ => false,
        };
        if !works {
            self.invoices[index].failed += 1;
            return self.fall_behind();
        }
        let (amount, purse) = (self.invoices[index].quote.due, self.invoices[index].quote.purse());
        self.invoices[index].state = Bill::Paid { at: self.now };
        self.payments.push(Payment {
            amount,
            refunded: 0,
            order: None,
            charged: Some(index),
            invoice: Some(index),
            credited: 0,
            purse,
            // The provider is asked when the clock gets there, for what was due before too.
            refundable: self.refundable(self.card, self.clock),
            heard: self.now,
            bank: Bank::Content,
            known: Bank::Content,
        });
    }

    /// Unpaid at the end of the period: the grace begins, and a change of that period can be had no more.
    pub(super) fn fall_behind(&mut self) {
        self.behind_since(self.now);
    }

    pub(super) fn behind_since(&mut self, since: Timestamp) {
        let until = since + self.grace;
        let Some(sub) = self.sub.as_mut().filter(|sub| sub.state == State::Active) else { return };
        sub.state = State::Behind { until };
        if self.orders.iter().any(|order| self.is_open(order) && order.invoice.is_none()) {
            self.cancel_open();
        }
    }

    pub(super) fn end(&mut self) {
        let behind = self.sub.as_ref().is_some_and(|sub| matches!(sub.state, State::Behind { .. }));
        self.take_back(if behind { Bill::GivenUp } else { Bill::Void });
        self.cancel_open();
        self.sub = None;
        if self.default_at_end {
            self.put_on_free();
        }
    }
}
