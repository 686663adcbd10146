//! Orders: what is bought, when its money comes.

use chrono::TimeDelta;
use domain::{Timestamp, application::Provider};

use super::{
    Bank, Bill, DAY, Invoice, Model, Order, OrderState, Payment, Refused, State, Sub,
    calendar::first_period,
    page::{News, Page},
    quote::{Kind, Quote, quote},
};
use crate::histories::{
    catalogue::{Every, PRICES},
    history::Card,
};

impl Model {
    pub(super) fn order(&mut self, price: Option<usize>, coupon: Option<usize>) -> Result<(), Refused> {
        if self.is_kept_out {
            return Err(Refused);
        }
        let quote = quote(self, price, coupon)?;
        if quote.due > 0 || (quote.takes_method && self.card.is_none()) {
            self.put_order(quote, None, DAY);
            return Ok(());
        }
        self.used_coupons.extend(quote.redeems);
        match quote.kind {
            Kind::Downgrade => {
                self.release_next();
                let sub = self.sub.as_mut().ok_or(Refused)?;
                (sub.then, sub.cancel_at, sub.discount) = (quote.then, None, quote.discount);
            }
            Kind::Free => {
                self.release_next();
                self.put_on_free();
            }
            _ => _ = self.grant(&quote, None),
        }
        self.cancel_open();
        Ok(())
    }

    /// The open order, where it asks for the same; another one takes its place.
    pub(super) fn put_order(&mut self, quote: Quote, invoice: Option<usize>, open: TimeDelta) {
        let same = |order: &&Order| self.is_open(order) && order.invoice == invoice && order.quote.reads_like(&quote);
        if self.orders.iter().any(|order| same(&order)) {
            return;
        }
        self.cancel_open();
        let closes = self.now + open;
        self.orders.push(Order {
            quote,
            state: OrderState::Open,
            closes,
            invoice,
            page: None,
            heard: None,
            failed: false,
            expired: false,
            closed: false,
        });
    }

    /// The provider is told which pages are to close: those of orders that were given up.
    pub fn close_pages(&mut self) {
        let now = self.now;
        for index in 0..self.orders.len() {
            let state = self.order_state(&self.orders[index]);
            let Order { page, closed, .. } = &mut self.orders[index];
            if let (OrderState::Expired | OrderState::Canceled, Some(page), false) = (state, page, *closed) {
                page.expire(now);
                *closed = true;
            }
        }
    }

    /// Presses the button: the provider's page opens.
    pub(super) fn press(&mut self, order: usize) -> Result<(), Refused> {
        let (now, provider) = (self.now, self.provider);
        let order = self.order_index(order).ok_or(Refused)?;
        match self.order_state(&self.orders[order]) {
            OrderState::Paid => return Ok(()),
            _ if !self.is_open(&self.orders[order]) => return Err(Refused),
            _ => {}
        }
        let least = self.least;
        let Order { page, quote, closes, .. } = &mut self.orders[order];
        match page {
            Some(page) => page.press(now),
            none => none.insert(Page::open(provider, now, quote, least)?).close(*closes),
        }
        Ok(())
    }

    pub(super) fn enter(&mut self, order: usize, card: Card) -> Result<(), Refused> {
        let now = self.now;
        self.page(order)?.enter(card, now)?;
        let index = self.order_index(order).ok_or(Refused)?;
        if let Card::Wallet { full } = card
            && self.keeps_method(&self.orders[index].quote)
        {
            self.wallet = full;
        }
        Ok(())
    }

    pub(super) fn page(&mut self, order: usize) -> Result<&mut Page, Refused> {
        let order = self.order_index(order).ok_or(Refused)?;
        self.orders[order].page.as_mut().ok_or(Refused)
    }

    /// Whether the method with which a quote is paid is there for the next charge.
    fn keeps_method(&self, quote: &Quote) -> bool {
        let renews = quote.price.is_some_and(|price| PRICES[price].every != Every::Once);
        renews || self.provider == Provider::Sandbox
    }

    /// We hear of everything that became of an order at the provider.
    pub(super) fn told(&mut self, index: usize) {
        let order = &self.orders[index];
        let in_time = self.is_open(order);
        let Some(news) = order.page.as_ref().and_then(|page| page.news(self.now)) else { return };
        if order.state == OrderState::Paid {
            if let Some(payment) = self.payments.iter().position(|own| own.order == Some(index)) {
                self.learn(payment);
            }
            return;
        }
        let now = self.now;
        let order = &mut self.orders[index];
        order.heard.get_or_insert(now);
        // What was begun on a page that could not be closed is to expire too.
        order.closed &= !matches!(news, News::Waits { .. });
        order.failed |= news == News::Failed;
        order.expired |= news == News::Expired;
        let state = match news {
            News::Paid { by, at, disputed, trial_ends } => {
                return self.money_came(index, in_time, (by, at), disputed, trial_ends);
            }
            News::Waits { until } if order.failed || !order.expired => OrderState::Pending { until },
            News::Failed => OrderState::Failed,
            News::Expired if order.failed => OrderState::Failed,
            News::Waits { .. } | News::Expired => OrderState::Expired,
        };
        if in_time {
            order.state = state;
        }
    }

    fn money_came(
        &mut self,
        index: usize,
        in_time: bool,
        (by, at): (Option<Card>, Timestamp),
        disputed: bool,
        trial_ends: Option<Timestamp>,
    ) {
        let Order { quote, invoice, .. } = self.orders[index].clone();
        self.orders[index].state = OrderState::Paid;
        self.card = by.filter(|_| self.keeps_method(&quote) && !self.is_kept_out).or(self.card);
        let amount = quote.due;
        let pays = match invoice {
            Some(invoice) => self.pay(invoice).then_some(Some(invoice)),
            None if self.still_to_be_had(&quote, in_time) => {
                if in_time || !self.used_coupons.iter().any(|used| quote.redeems == Some(*used)) {
                    self.used_coupons.extend(quote.redeems);
                }
                let made = self.grant(&self.as_agreed(&quote, at, trial_ends), self.agrees(&quote).then_some(index));
                self.cancel_open();
                Some(made)
            }
            None => None,
        };
        let credited = if pays.is_none() { amount } else { 0 };
        self.credit[quote.purse()] += credited;
        let known = if disputed { Bank::Asks } else { Bank::Content };
        self.payments.push(Payment {
            amount,
            refunded: 0,
            order: Some(index),
            charged: None,
            invoice: pays.flatten(),
            credited,
            purse: quote.purse(),
            refundable: self.refundable(by, at),
            heard: self.orders[index].heard.unwrap_or(self.now),
            bank: known,
            known,
        });
    }

    /// Late money buys what was ordered, unless something else is held by now, or access is gone; a change is of its own
    /// moment only.
    pub(super) fn still_to_be_had(&self, quote: &Quote, in_time: bool) -> bool {
        in_time
            || (!self.is_kept_out
                && self.billed().is_none()
                && quote.kind != Kind::Upgrade
                && !(quote.kind == Kind::Trial && (self.had_trial || quote.trial_ends <= Some(self.now)))
                && quote.used <= self.credit[quote.purse()])
    }

    /// The money of an invoice has come; whether anybody owed it.
    pub(super) fn pay(&mut self, index: usize) -> bool {
        let now = self.now;
        let invoice = &mut self.invoices[index];
        match invoice.state {
            Bill::Open => {
                invoice.state = Bill::Paid { at: now };
                self.cancel_open();
                true
            }
            Bill::GivenUp if !self.is_kept_out && self.sub.as_ref().is_none_or(|sub| sub.price.is_none()) => {
                let (price, discount) = (invoice.quote.price, invoice.quote.discount);
                let every = price.map_or(Every::Once, |price| PRICES[price].every);
                let span = first_period(now, every);
                let own = &mut self.credit[invoice.quote.purse()];
                *own -= invoice.quote.used.min(*own);
                let id = self.sub_id();
                let invoice = &mut self.invoices[index];
                invoice.state = Bill::Paid { at: now };
                (invoice.sub, invoice.span, invoice.renewal) = (id, span.unwrap_or((now, now)), false);
                self.sub = Some(Sub {
                    id,
                    price,
                    state: State::Active,
                    period: span,
                    anchor: now,
                    cancel_at: None,
                    then: None,
                    discount,
                    agreement: None,
                });
                self.cancel_open();
                true
            }
            _ => false,
        }
    }

    /// Puts the member on what was quoted, and answers the invoice, where there is one.
    pub(super) fn grant(&mut self, quote: &Quote, agreement: Option<usize>) -> Option<usize> {
        self.release_next();
        self.had_trial |= quote.kind == Kind::Trial;
        let first = quote.price.and_then(|price| first_period(self.now, PRICES[price].every));
        let period = if quote.begins { first } else { quote.period };
        let anchor = if quote.begins { self.now } else { quote.anchor.unwrap_or(self.now) };
        let (id, goes_on) = (self.sub_id(), self.sub.as_ref().and_then(|sub| sub.agreement));
        self.sub = Some(Sub {
            id,
            price: quote.price,
            state: if quote.kind == Kind::Trial { State::Trial } else { State::Active },
            period,
            anchor,
            cancel_at: None,
            then: quote.then,
            discount: quote.discount,
            // What is paid once takes the place of what renews.
            agreement: agreement.or(goes_on.filter(|_| period.is_some())),
        });
        if quote.kind == Kind::Trial {
            return None;
        }
        let span = period.unwrap_or((self.now, self.now));
        let own = &mut self.credit[quote.purse()];
        *own += quote.added - quote.used.min(*own);
        self.credit[1 - quote.purse()] += quote.foreign;
        let state = Bill::Paid { at: self.now };
        self.invoices.push(Invoice { sub: id, span, anchor, quote: quote.clone(), state, renewal: false, failed: 0 });
        Some(self.invoices.len() - 1)
    }

    pub(super) fn sub_id(&mut self) -> usize {
        match &self.sub {
            Some(sub) => sub.id,
            None => {
                self.subs += 1;
                self.subs
            }
        }
    }

    pub(super) fn put_on_free(&mut self) {
        let (id, anchor) = (self.sub_id(), self.now);
        let (price, period, cancel_at, then, discount) = (None, None, None, None, None);
        let (state, agreement) = (State::Active, None);
        self.sub = Some(Sub { id, price, state, period, anchor, cancel_at, then, discount, agreement });
    }
}
