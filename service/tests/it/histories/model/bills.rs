//! Invoices and open orders.

use super::{Bank, Bill, Invoice, Model, OrderState};

impl Model {
    pub(super) fn next_index(&self) -> Option<usize> {
        let sub = self.sub.as_ref()?;
        let (_, end) = sub.period?;
        let next = |own: &Invoice| own.renewal && own.sub == sub.id && own.span.0 == end && own.state != Bill::Void;
        self.invoices.iter().rposition(next)
    }

    pub(super) fn next_invoice(&self) -> Option<&Invoice> {
        self.next_index().map(|index| &self.invoices[index])
    }

    pub(super) fn void_open(&mut self) {
        self.take_back(Bill::Void);
    }

    /// Nobody owes what is open any more; the credit that paid a part of it is there again.
    pub(super) fn take_back(&mut self, into: Bill) {
        let Some(id) = self.sub.as_ref().map(|sub| sub.id) else { return };
        for own in self.invoices.iter_mut().filter(|own| own.sub == id && own.state == Bill::Open) {
            own.state = into;
            self.credit[own.quote.purse()] += own.quote.used;
        }
    }

    /// The next period is another one than was asked or paid for: what was paid becomes credit.
    pub(super) fn release_next(&mut self) {
        self.void_open();
        let Some(index) = self.next_index() else { return };
        let own = &mut self.invoices[index];
        if matches!(own.state, Bill::Paid { .. }) {
            own.renewal = false;
            self.credit[own.quote.purse()] += own.quote.used;
            for payment in self.payments.iter_mut().filter(|payment| payment.invoice == Some(index)) {
                let given = payment.known != Bank::Asks;
                payment.invoice = None;
                payment.credited = if given { payment.amount - payment.refunded } else { 0 };
                self.credit[payment.purse] += payment.credited;
            }
        }
    }

    pub(super) fn cancel_open(&mut self) {
        let open: Vec<usize> = (0..self.orders.len()).filter(|index| self.is_open(&self.orders[*index])).collect();
        for index in open {
            let order = &mut self.orders[index];
            order.state = OrderState::Canceled;
            if let Some(page) = &mut order.page {
                page.close(self.now);
            }
        }
    }
}
