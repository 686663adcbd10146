//! What has to come out, written down a second time and as simply as possible: no transaction, no row, no code of
//! `domain::billing`. Money is a number of cents, and time goes from one event to the next.

use chrono::{Months, TimeDelta};
use domain::Timestamp;

use super::{
    catalogue::{COUPONS, Every, FREE, Lasts, PRICES},
    history::{Act, Card},
    quote::{Discount, Kind, Quote, quote},
};

pub type Span = (Timestamp, Timestamp);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its period is the trial.
    Trial,
    Active,
    Behind {
        until: Timestamp,
    },
    Paused {
        since: Timestamp,
    },
}

#[derive(Clone, Debug)]
pub struct Sub {
    pub id: usize,
    /// `None` on the free plan, which nobody bills.
    pub price: Option<usize>,
    pub state: State,
    pub period: Option<Span>,
    pub anchor: Timestamp,
    pub cancel_at: Option<Timestamp>,
    /// What it changes to when its period ends.
    pub then: Option<Option<usize>>,
    pub discount: Option<Discount>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bill {
    Open,
    Paid { at: Timestamp },
    Void,
    GivenUp,
}

#[derive(Clone, Debug)]
pub struct Invoice {
    pub sub: usize,
    pub span: Span,
    pub anchor: Timestamp,
    pub quote: Quote,
    pub state: Bill,
    /// It is for the period after one that runs.
    pub renewal: bool,
    /// How many charges of it failed.
    pub failed: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    Open,
    Pending { until: Timestamp },
    Failed,
    Paid,
    Expired,
    Canceled,
}

/// The provider's side of an order.
#[derive(Clone, Copy, Debug, Default)]
struct Page {
    paid: bool,
    failed: bool,
    disputed: bool,
    card: Option<Card>,
    /// Until when the transfer that was chosen may arrive.
    until: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub struct Order {
    pub quote: Quote,
    state: OrderState,
    closes: Timestamp,
    pub invoice: Option<usize>,
    page: Option<Page>,
}

/// Money that came.
#[derive(Clone, Debug)]
pub struct Payment {
    pub amount: i64,
    pub refunded: i64,
    pub disputed: bool,
    pub order: Option<usize>,
    /// The invoice for which a card was charged.
    pub charged: Option<usize>,
    /// What it pays.
    invoice: Option<usize>,
    /// What of it became credit, and has not been taken back.
    credited: i64,
}

/// Why nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// One member.
#[derive(Clone, Debug)]
pub struct Model {
    pub now: Timestamp,
    pub sub: Option<Sub>,
    pub credit: i64,
    pub orders: Vec<Order>,
    pub invoices: Vec<Invoice>,
    pub payments: Vec<Payment>,
    card: Option<Card>,
    pub had_trial: bool,
    pub used_coupons: Vec<usize>,
    subs: usize,
    grace: TimeDelta,
    default_at_end: bool,
}

const DAY: TimeDelta = TimeDelta::days(1);
/// A charge that failed is tried again so many days after the period has begun.
const RETRIES: [i64; 3] = [1, 3, 5];
/// Who pays by a link gets the invoice so many days before.
const AHEAD: TimeDelta = TimeDelta::days(3);

enum Event {
    End,
    Change,
    Make(usize),
    Charge(usize),
    Miss,
    Advance(usize),
}

impl Model {
    /// Somebody who has just got the free plan.
    pub fn new(now: Timestamp, grace_days: i64, default_at_end: bool) -> Self {
        let mut model = Self {
            now,
            sub: None,
            credit: 0,
            orders: vec![],
            invoices: vec![],
            payments: vec![],
            card: None,
            had_trial: false,
            used_coupons: vec![],
            subs: 0,
            grace: TimeDelta::days(grace_days),
            default_at_end,
        };
        model.put_on_free();
        model
    }

    // What can be seen.

    pub fn plan(&self) -> Option<usize> {
        let giving = self.sub.as_ref().filter(|sub| !matches!(sub.state, State::Paused { .. }))?;
        Some(giving.price.map_or(FREE, |price| PRICES[price].plan))
    }

    pub fn cycle(&self) -> Option<&'static str> {
        self.plan()?;
        self.held_price().map(|price| PRICES[price].every.cycle())
    }

    pub fn status(&self) -> Option<&'static str> {
        Some(match self.sub.as_ref()?.state {
            State::Trial => "trialing",
            State::Active => "active",
            State::Behind { .. } => "past_due",
            State::Paused { .. } => "paused",
        })
    }

    pub fn held_price(&self) -> Option<usize> {
        self.sub.as_ref()?.price
    }

    pub fn is_paused(&self) -> bool {
        self.sub.as_ref().is_some_and(|sub| matches!(sub.state, State::Paused { .. }))
    }

    pub const fn has_method(&self) -> bool {
        self.card.is_some()
    }

    /// The invoice that can be paid now.
    pub fn owed(&self) -> Option<usize> {
        self.invoices.iter().rposition(|invoice| invoice.state == Bill::Open)
    }

    pub fn order_state(&self, order: &Order) -> OrderState {
        let until = match order.state {
            OrderState::Open | OrderState::Failed => order.closes,
            OrderState::Pending { until } => until,
            other => return other,
        };
        if until <= self.now { OrderState::Expired } else { order.state }
    }

    fn is_open(&self, order: &Order) -> bool {
        matches!(self.order_state(order), OrderState::Open | OrderState::Pending { .. } | OrderState::Failed)
    }

    /// The order that counts `back` from the newest.
    pub fn order_index(&self, back: usize) -> Option<usize> {
        self.orders.len().checked_sub(back + 1)
    }

    fn billed(&self) -> Option<&Sub> {
        self.sub.as_ref().filter(|sub| sub.price.is_some())
    }

    // What members, admins and providers do.

    pub fn act(&mut self, act: Act) -> Result<(), Refused> {
        match act {
            Act::Order { price, coupon } => self.order(price, coupon),
            Act::Press { order } => {
                let order = self.order_index(order).ok_or(Refused)?;
                match self.order_state(&self.orders[order]) {
                    OrderState::Paid => Ok(()),
                    _ if !self.is_open(&self.orders[order]) => Err(Refused),
                    _ => {
                        self.orders[order].page.get_or_insert_default();
                        Ok(())
                    }
                }
            }
            Act::Enter { order, card } => self.at_provider(order, |page, _| {
                page.card = Some(card);
                match card {
                    Card::Good | Card::FailsLater | Card::Secure(true) => page.paid = true,
                    Card::Disputed => (page.paid, page.disputed) = (true, true),
                    Card::Declined | Card::Secure(false) => page.failed = true,
                }
            }),
            Act::Transfer { order } => self.at_provider(order, |page, now| {
                page.card = None;
                page.until.get_or_insert(now + DAY);
            }),
            Act::Arrive { order } => self.at_provider(order, |page, _| page.paid = true),
            Act::Tell { order } => {
                if let Some(order) = self.order_index(order) {
                    self.told(order);
                }
                Ok(())
            }
            Act::PayInvoice => {
                if let Some(invoice) = self.owed() {
                    let quote = self.invoices[invoice].quote.clone();
                    self.put_order(quote, Some(invoice), TimeDelta::days(30));
                }
                Ok(())
            }
            Act::Cancel => self.change(Self::cancel),
            Act::CancelNow => self.change(|model| {
                model.end();
                Ok(())
            }),
            Act::Undo => self.change(Self::undo),
            Act::Pause => self.change(Self::pause),
            Act::Resume => self.change(Self::resume),
            Act::ExtendTrial { days } => self.change(|model| model.extend_trial(days)),
            Act::Refund { payment, percent } => self.refund(payment, percent),
            Act::Credit { cents } => {
                self.credit += cents;
                Ok(())
            }
            Act::RemoveMethod => {
                self.card = None;
                Ok(())
            }
        }
    }

    fn order(&mut self, price: Option<usize>, coupon: Option<usize>) -> Result<(), Refused> {
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
            _ => _ = self.grant(&quote),
        }
        self.cancel_open();
        Ok(())
    }

    /// The open order, where it asks for the same; another one takes its place.
    fn put_order(&mut self, quote: Quote, invoice: Option<usize>, open: TimeDelta) {
        let same = |order: &&Order| self.is_open(order) && order.invoice == invoice && order.quote.reads_like(&quote);
        if self.orders.iter().any(|order| same(&order)) {
            return;
        }
        self.cancel_open();
        let closes = self.now + open;
        self.orders.push(Order { quote, state: OrderState::Open, closes, invoice, page: None });
    }

    fn at_provider(&mut self, order: usize, change: impl FnOnce(&mut Page, Timestamp)) -> Result<(), Refused> {
        let now = self.now;
        let order = self.order_index(order).ok_or(Refused)?;
        let page = self.orders[order].page.as_mut().ok_or(Refused)?;
        if !page.paid {
            change(page, now);
        }
        Ok(())
    }

    /// We hear of everything that became of an order at the provider.
    fn told(&mut self, index: usize) {
        let order = &self.orders[index];
        let in_time = self.is_open(order);
        let Some(page) = order.page.filter(|_| order.state != OrderState::Paid) else { return };
        if !page.paid {
            let state = match page.until {
                Some(until) => OrderState::Pending { until },
                None if page.failed => OrderState::Failed,
                None => return,
            };
            if in_time {
                self.orders[index].state = state;
            }
            return;
        }
        let Order { quote, invoice, .. } = self.orders[index].clone();
        self.orders[index].state = OrderState::Paid;
        self.card = page.card.or(self.card);
        let amount = quote.due;
        let pays = match invoice {
            Some(invoice) => self.pay(invoice).then_some(Some(invoice)),
            None if self.still_to_be_had(&quote, in_time) => {
                if in_time || !self.used_coupons.iter().any(|used| quote.redeems == Some(*used)) {
                    self.used_coupons.extend(quote.redeems);
                }
                let made = self.grant(&quote);
                self.cancel_open();
                Some(made)
            }
            None => None,
        };
        let credited = if pays.is_none() { amount } else { 0 };
        self.credit += credited;
        let (order, invoice, disputed) = (Some(index), pays.flatten(), page.disputed);
        self.payments.push(Payment { amount, refunded: 0, disputed, order, charged: None, invoice, credited });
    }

    /// Late money buys what was ordered, unless something else is held by now; a change is of its own moment only.
    fn still_to_be_had(&self, quote: &Quote, in_time: bool) -> bool {
        in_time
            || (self.billed().is_none()
                && quote.kind != Kind::Upgrade
                && !(quote.kind == Kind::Trial && (self.had_trial || quote.trial_ends <= Some(self.now)))
                && quote.used <= self.credit)
    }

    /// The money of an invoice has come; whether anybody owed it.
    fn pay(&mut self, index: usize) -> bool {
        let now = self.now;
        let invoice = &mut self.invoices[index];
        match invoice.state {
            Bill::Open => {
                invoice.state = Bill::Paid { at: now };
                self.cancel_open();
                true
            }
            Bill::GivenUp if self.sub.as_ref().is_none_or(|sub| sub.price.is_none()) => {
                let price = invoice.quote.price;
                let every = price.map_or(Every::Once, |price| PRICES[price].every);
                let span = first_period(now, every);
                self.credit -= invoice.quote.used.min(self.credit);
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
                    discount: None,
                });
                self.cancel_open();
                true
            }
            _ => false,
        }
    }

    /// Puts the member on what was quoted, and answers the invoice, where there is one.
    fn grant(&mut self, quote: &Quote) -> Option<usize> {
        self.release_next();
        self.had_trial |= quote.kind == Kind::Trial;
        let first = quote.price.and_then(|price| first_period(self.now, PRICES[price].every));
        let period = if quote.begins { first } else { quote.period };
        let anchor = if quote.begins { self.now } else { quote.anchor.unwrap_or(self.now) };
        let id = self.sub_id();
        self.sub = Some(Sub {
            id,
            price: quote.price,
            state: if quote.kind == Kind::Trial { State::Trial } else { State::Active },
            period,
            anchor,
            cancel_at: None,
            then: quote.then,
            discount: quote.discount,
        });
        if quote.kind == Kind::Trial {
            return None;
        }
        let span = period.unwrap_or((self.now, self.now));
        self.credit += quote.added - quote.used.min(self.credit);
        let state = Bill::Paid { at: self.now };
        self.invoices.push(Invoice { sub: id, span, anchor, quote: quote.clone(), state, renewal: false, failed: 0 });
        Some(self.invoices.len() - 1)
    }

    fn sub_id(&mut self) -> usize {
        match &self.sub {
            Some(sub) => sub.id,
            None => {
                self.subs += 1;
                self.subs
            }
        }
    }

    fn put_on_free(&mut self) {
        let (id, anchor) = (self.sub_id(), self.now);
        let (price, period, cancel_at, then, discount) = (None, None, None, None, None);
        self.sub = Some(Sub { id, price, state: State::Active, period, anchor, cancel_at, then, discount });
    }

    /// What members do to a subscription that is billed; it makes every open order untrue.
    fn change(&mut self, change: impl FnOnce(&mut Self) -> Result<(), Refused>) -> Result<(), Refused> {
        self.billed().ok_or(Refused)?;
        change(self)?;
        self.cancel_open();
        Ok(())
    }

    fn cancel(&mut self) -> Result<(), Refused> {
        let sub = self.sub.clone().ok_or(Refused)?;
        let Some((_, end)) = sub.period.filter(|_| !matches!(sub.state, State::Behind { .. })) else {
            self.end();
            return Ok(());
        };
        if sub.cancel_at.is_some() {
            return Ok(());
        }
        let paid_until = self.next_invoice().filter(|next| matches!(next.state, Bill::Paid { .. }));
        let at = paid_until.map_or(end, |next| next.span.1);
        self.void_open();
        if let Some(sub) = &mut self.sub {
            sub.cancel_at = Some(at);
        }
        Ok(())
    }

    fn undo(&mut self) -> Result<(), Refused> {
        let sub = self.sub.as_mut().ok_or(Refused)?;
        let keeps = sub.state == State::Trial;
        if sub.cancel_at.is_none() && (keeps || sub.then.is_none()) {
            return Err(Refused);
        }
        sub.cancel_at = None;
        if !keeps {
            sub.then = None;
        }
        self.release_next();
        Ok(())
    }

    fn pause(&mut self) -> Result<(), Refused> {
        let sub = self.sub.as_mut().filter(|sub| sub.state == State::Active).ok_or(Refused)?;
        sub.state = State::Paused { since: self.now };
        self.release_next();
        Ok(())
    }

    fn resume(&mut self) -> Result<(), Refused> {
        let now = self.now;
        let sub = self.sub.as_mut().ok_or(Refused)?;
        let State::Paused { since } = sub.state else { return Err(Refused) };
        sub.state = State::Active;
        let Some(before) = sub.period.filter(|_| since < now) else { return Ok(()) };
        let after = (before.0 + (now - since), before.1 + (now - since));
        (sub.period, sub.anchor) = (Some(after), after.1);
        if sub.cancel_at == Some(before.1) {
            sub.cancel_at = Some(after.1);
        }
        let id = sub.id;
        for paid in self.invoices.iter_mut().filter(|own| own.sub == id && own.span == before) {
            if matches!(paid.state, Bill::Paid { .. }) {
                paid.span = after;
            }
        }
        Ok(())
    }

    fn extend_trial(&mut self, days: i64) -> Result<(), Refused> {
        let sub = self.sub.as_mut().filter(|sub| sub.state == State::Trial).ok_or(Refused)?;
        let (start, end) = sub.period.ok_or(Refused)?;
        if days <= 0 {
            return Err(Refused);
        }
        let until = end + TimeDelta::days(days);
        (sub.period, sub.anchor) = (Some((start, until)), until);
        if sub.cancel_at == Some(end) {
            sub.cancel_at = Some(until);
        }
        let moved = sub.clone();
        // What was asked or paid for the period after the old end.
        if let Some(sub) = &mut self.sub {
            sub.period = Some((start, end));
        }
        self.release_next();
        self.sub = Some(moved);
        Ok(())
    }

    fn refund(&mut self, back: usize, percent: i64) -> Result<(), Refused> {
        let index = self.payments.len().checked_sub(back + 1).ok_or(Refused)?;
        let payment = &mut self.payments[index];
        let part = (payment.amount - payment.refunded) * percent / 100;
        if part == 0 || payment.disputed {
            return Err(Refused);
        }
        payment.refunded += part;
        let taken = part.min(payment.credited).min(self.credit);
        payment.credited -= taken;
        self.credit -= taken;
        if payment.refunded < payment.amount {
            return Ok(());
        }
        let paid_for = payment.invoice;
        let Some((sub, index)) = self.sub.as_ref().zip(paid_for) else { return Ok(()) };
        let invoice = &self.invoices[index];
        if invoice.sub != sub.id {
            return Ok(());
        }
        let runs = match sub.period {
            Some(period) => period == invoice.span,
            None => sub.price == invoice.quote.price,
        };
        if runs {
            self.end();
        } else if invoice.renewal && sub.period.is_some_and(|period| period.1 == invoice.span.0) {
            // The period that it paid for has not begun, and does not.
            let (used, at) = (invoice.quote.used, invoice.span.0);
            self.invoices[index].renewal = false;
            self.credit += used;
            if let Some(sub) = &mut self.sub {
                sub.cancel_at = Some(at);
            }
            self.cancel_open();
        }
        Ok(())
    }

    // What time does.

    /// Time goes on to `to`.
    pub fn pass(&mut self, to: Timestamp) {
        while let Some((at, event)) = self.next_event().filter(|(at, _)| *at <= to) {
            self.now = at;
            self.happen(event);
        }
        self.now = to;
    }

    fn next_event(&self) -> Option<(Timestamp, Event)> {
        let sub = self.sub.as_ref()?;
        let grace = if let State::Behind { until } = sub.state { Some(until) } else { None };
        let end = grace.into_iter().chain(sub.cancel_at).min();
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
        if end.is_some_and(|end| end <= boundary) {
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
                Some((boundary + DAY * days as i32, Event::Charge(invoice)))
            }
            Bill::Open if sub.state == State::Active => Some((boundary, Event::Miss)),
            _ => None,
        }
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
            Event::Advance(invoice) => {
                let Invoice { span, anchor, quote, .. } = self.invoices[invoice].clone();
                if let Some(sub) = &mut self.sub {
                    (sub.state, sub.period, sub.anchor) = (State::Active, Some(span), anchor);
                    sub.discount = quote.discount;
                }
                self.cancel_open();
            }
        }
    }

    fn make(&mut self, price: usize) {
        let Some(sub) = &self.sub else { return };
        let Some((_, start)) = sub.period else { return };
        let (anchor, span) = following(sub.anchor, start, PRICES[price].every);
        let quote = Quote::whole(Kind::Renewal, price, 0, sub.discount, self.credit);
        let state = if quote.due == 0 { Bill::Paid { at: self.now } } else { Bill::Open };
        self.credit -= quote.used;
        self.invoices.push(Invoice { sub: sub.id, span, anchor, quote, state, renewal: true, failed: 0 });
    }

    fn charge(&mut self, index: usize) {
        let works = matches!(self.card, Some(Card::Good | Card::Secure(_) | Card::Disputed));
        if !works {
            self.invoices[index].failed += 1;
            return self.fall_behind();
        }
        let amount = self.invoices[index].quote.due;
        self.invoices[index].state = Bill::Paid { at: self.now };
        let (charged, invoice, order) = (Some(index), Some(index), None);
        self.payments.push(Payment { amount, refunded: 0, disputed: false, order, charged, invoice, credited: 0 });
    }

    /// Unpaid at the end of the period: the grace begins, and a change of that period can be had no more.
    fn fall_behind(&mut self) {
        let until = self.now + self.grace;
        let Some(sub) = self.sub.as_mut().filter(|sub| sub.state == State::Active) else { return };
        sub.state = State::Behind { until };
        if self.orders.iter().any(|order| self.is_open(order) && order.invoice.is_none()) {
            self.cancel_open();
        }
    }

    fn end(&mut self) {
        let behind = self.sub.as_ref().is_some_and(|sub| matches!(sub.state, State::Behind { .. }));
        self.take_back(if behind { Bill::GivenUp } else { Bill::Void });
        self.cancel_open();
        self.sub = None;
        if self.default_at_end {
            self.put_on_free();
        }
    }

    // Invoices and orders.

    fn next_index(&self) -> Option<usize> {
        let sub = self.sub.as_ref()?;
        let (_, end) = sub.period?;
        let next = |own: &Invoice| own.renewal && own.sub == sub.id && own.span.0 == end && own.state != Bill::Void;
        self.invoices.iter().rposition(next)
    }

    fn next_invoice(&self) -> Option<&Invoice> {
        self.next_index().map(|index| &self.invoices[index])
    }

    fn void_open(&mut self) {
        self.take_back(Bill::Void);
    }

    /// Nobody owes what is open any more; the credit that paid a part of it is there again.
    fn take_back(&mut self, into: Bill) {
        let Some(id) = self.sub.as_ref().map(|sub| sub.id) else { return };
        for own in self.invoices.iter_mut().filter(|own| own.sub == id && own.state == Bill::Open) {
            own.state = into;
            self.credit += own.quote.used;
        }
    }

    /// The next period is another one than was asked or paid for: what was paid becomes credit.
    fn release_next(&mut self) {
        self.void_open();
        let Some(index) = self.next_index() else { return };
        let own = &mut self.invoices[index];
        if matches!(own.state, Bill::Paid { .. }) {
            own.renewal = false;
            self.credit += own.quote.used;
            for payment in self.payments.iter_mut().filter(|payment| payment.invoice == Some(index)) {
                (payment.invoice, payment.credited) = (None, payment.amount - payment.refunded);
                self.credit += payment.credited;
            }
        }
    }

    fn cancel_open(&mut self) {
        let open: Vec<usize> = (0..self.orders.len()).filter(|index| self.is_open(&self.orders[*index])).collect();
        for index in open {
            self.orders[index].state = OrderState::Canceled;
        }
    }
}

/// The period of a price that begins at `start`; none for a price that is paid once.
pub fn first_period(start: Timestamp, every: Every) -> Option<Span> {
    Some((start, start + Months::new(every.months()?)))
}

/// The period that begins at `start`, counted from `anchor` where that leads to it, and what it is counted from.
fn following(anchor: Timestamp, start: Timestamp, every: Every) -> (Timestamp, Span) {
    let Some(months) = every.months() else { return (start, (start, start)) };
    let ends = |n: u32| anchor + Months::new(n * months);
    let counted = (0..).map(ends).take_while(|end| *end <= start).last() == Some(start);
    if !counted {
        return (start, (start, start + Months::new(months)));
    }
    let n = (0..).take_while(|n| ends(*n) <= start).count() as u32;
    (anchor, (start, ends(n)))
}

/// What is left of a discount after one whole charge.
pub fn after_charge(discount: Discount, every: Every) -> Option<Discount> {
    let left = match (discount.left, every.months()) {
        (Lasts::Forever, _) => Lasts::Forever,
        (Lasts::Months(left), Some(months)) if left > months => Lasts::Months(left - months),
        _ => return None,
    };
    Some(Discount { left, ..discount })
}

/// Whether a coupon is for the plan of a price.
pub fn covers(discount: Discount, price: usize) -> bool {
    COUPONS[discount.coupon].plan.is_none_or(|plan| plan == PRICES[price].plan)
}
