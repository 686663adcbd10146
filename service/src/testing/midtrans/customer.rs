//! The side that a test plays: customers, their banks, and the merchant's dashboard.

use super::{
    FakeMidtrans,
    account::Account,
    core::give_back,
    snap::Page,
    transaction::{Fraud, Means, Refund, Status},
    wallet::AccountStatus,
    wire,
};

/// Something that happens to an order.
#[derive(Clone, Debug)]
pub enum Step {
    /// The customer chooses on the page how to pay: money is awaited from now on.
    Begin(Means),
    /// The money that was awaited comes.
    Complete,
    /// The bank or the wallet refuses.
    Refuse,
    /// The card pays, and fraud detection questions it.
    Challenge,
    /// Fraud detection refuses the card.
    FraudDeny,
    /// Something breaks at the bank.
    Break,
    /// The money comes although nobody waits for it any more.
    PayLate,
    /// The card's batch closes early.
    Settle,
    /// In the dashboard: what fraud detection questions is accepted.
    Accept,
    /// In the dashboard: it is refused.
    Reject,
    /// In the dashboard: whole rupiah are given back, all that is left when nothing is said.
    Refund(Option<i64>),
    /// The owner's bank takes whole rupiah back, all of them when nothing is said.
    ChargeBack(Option<i64>),
}

impl FakeMidtrans {
    /// Lets something happen.
    ///
    /// # Errors
    /// Why it cannot happen to this order now.
    pub fn act(&self, order_id: &str, step: Step) -> Result<(), String> {
        let mut account = self.lock();
        account.pass_time();
        account.act(order_id, step)
    }

    /// A customer pays on the order's page.
    pub fn pay(&self, order_id: &str, means: Means) {
        self.act(order_id, Step::Begin(means)).expect("a page that is open");
        if self.transaction(order_id).is_some_and(|transaction| transaction.status == Status::Pending) {
            self.act(order_id, Step::Complete).expect("a payment that waits");
        }
    }

    /// From now on the bank of a kept card refuses it.
    pub fn refuse_card(&self, saved_token: &str) {
        let mut account = self.lock();
        account.cards.get_mut(saved_token).expect("a kept card").is_refused = true;
    }

    /// The token of a kept card is not known any more.
    pub fn forget_card(&self, saved_token: &str) {
        self.lock().cards.remove(saved_token).expect("a kept card");
    }

    /// What a linked GoPay account holds from now on, in whole rupiah.
    pub fn set_balance(&self, account_id: &str, balance: i64) {
        self.lock().accounts.get_mut(account_id).expect("a linked account").balance = balance;
    }

    /// The owner of a GoPay account confirms that it is linked, or unlinks it in their app.
    pub fn link(&self, account_id: &str, linked: bool) {
        let status = if linked { AccountStatus::Enabled } else { AccountStatus::Disabled };
        self.lock().set_account(account_id, status);
    }

    /// Whether a GoPay account is linked.
    pub fn is_linked(&self, account_id: &str) -> bool {
        self.lock().accounts.get(account_id).is_some_and(|account| account.status == AccountStatus::Enabled)
    }
}

impl Account {
    fn act(&mut self, order_id: &str, step: Step) -> Result<(), String> {
        if let Step::Begin(means) = step {
            return self.begin(order_id, means);
        }
        let transaction = self.transactions.get(order_id).ok_or("there is no transaction yet")?.clone();
        let is = |statuses: &[Status]| match statuses.contains(&transaction.status) {
            true => Ok(()),
            false => Err(format!("not while it is {}", transaction.status.as_str())),
        };
        let is_card = matches!(transaction.means, Means::Card(_));
        let by_card = || if is_card { Ok(()) } else { Err("only with a card".to_owned()) };
        let now = self.now();
        let paid = [Status::Capture, Status::Settlement, Status::PartialRefund, Status::PartialChargeback];
        match step {
            Step::Begin(_) => {}
            Step::Complete => {
                is(&[Status::Pending])?;
                self.complete(order_id);
            }
            Step::Refuse => {
                is(&[Status::Pending])?;
                let why = match &transaction.means {
                    Means::Card(_) => ("05", "Do not honour"),
                    Means::GoPay | Means::ShopeePay => ("201", "Insufficient Balance"),
                    Means::Qris | Means::Va(_) | Means::Echannel => return Err("nobody can refuse it".into()),
                };
                self.change(order_id, |transaction| {
                    transaction.status = Status::Deny;
                    transaction.channel_response = Some(why);
                });
            }
            Step::Challenge => {
                is(&[Status::Pending])?;
                by_card()?;
                self.change(order_id, |transaction| {
                    transaction.status = Status::Capture;
                    transaction.fraud = Fraud::Challenge;
                    transaction.batch_at = Some(wire::next_batch(now));
                });
            }
            Step::FraudDeny => {
                is(&[Status::Pending])?;
                by_card()?;
                self.change(order_id, |transaction| {
                    transaction.status = Status::Deny;
                    transaction.fraud = Fraud::Deny;
                });
            }
            Step::Break => {
                is(&[Status::Pending])?;
                self.change(order_id, |transaction| transaction.status = Status::Failure);
            }
            Step::PayLate => {
                is(&[Status::Expire, Status::Cancel])?;
                self.change(order_id, |transaction| {
                    transaction.status = Status::Settlement;
                    transaction.settled_at = Some(now);
                });
            }
            Step::Settle => {
                is(&[Status::Capture])?;
                self.change(order_id, |transaction| {
                    transaction.status = Status::Settlement;
                    transaction.settled_at = Some(now);
                });
            }
            Step::Accept => self.approve(order_id).map(drop).map_err(|refusal| format!("{refusal:?}"))?,
            Step::Reject => self.deny(order_id).map(drop).map_err(|refusal| format!("{refusal:?}"))?,
            Step::Refund(amount) => {
                is(&[Status::Settlement, Status::PartialRefund])?;
                let left = transaction.gross_amount - transaction.refunded();
                let amount = amount.unwrap_or(left);
                if !(1..=left).contains(&amount) {
                    return Err(format!("{left} is left"));
                }
                let refund = Refund { key: self.new_id(), amount, reason: "dashboard".into(), at: now };
                self.change(order_id, |transaction| give_back(transaction, refund));
            }
            Step::ChargeBack(amount) => {
                is(&paid)?;
                let left = transaction.gross_amount - transaction.charged_back;
                let amount = amount.unwrap_or(left).min(left);
                self.change(order_id, |transaction| {
                    transaction.charged_back += amount;
                    let whole = transaction.charged_back >= transaction.gross_amount;
                    transaction.status = if whole { Status::Chargeback } else { Status::PartialChargeback };
                });
            }
        }
        Ok(())
    }

    fn begin(&mut self, order_id: &str, means: Means) -> Result<(), String> {
        let now = self.now();
        // Customers are shown the page that was made last.
        let shown = self.pages.iter().rev().find(|page| page.order_id == order_id);
        let open = |page: &&Page| !page.is_canceled && page.opens_until > now;
        let page = shown.filter(open).cloned().ok_or("the order has no open page")?;
        if page.enabled.as_ref().is_some_and(|enabled| !enabled.contains(&means.channel())) {
            return Err(format!("{} is not offered", means.channel()));
        }
        // What the bank refused may be tried again on the same page.
        let again = |status| matches!(status, Status::Deny | Status::Failure);
        if self.transactions.get(order_id).is_some_and(|before| !again(before.status)) {
            return Err("the order is being paid already".into());
        }
        let mut transaction = self.new_transaction(order_id.into(), page.gross_amount, means, page.notify.clone());
        if let Some((from, length)) = page.expiry.filter(|_| !matches!(transaction.means, Means::Card(_))) {
            transaction.expires_at = from.unwrap_or(now) + length;
        }
        let at_once = matches!(transaction.means, Means::Card(_)) && !page.is_secure;
        self.transactions.insert(order_id.into(), transaction);
        if at_once {
            self.complete(order_id);
        } else {
            self.tell(order_id);
        }
        Ok(())
    }

    /// The money comes: cards are captured (and settled with their batch), all others are settled.
    fn complete(&mut self, order_id: &str) {
        let now = self.now();
        let Some(mut transaction) = self.transactions.get(order_id).cloned() else { return };
        let page = self.pages.iter().rev().find(|page| page.order_id == order_id).cloned();
        match &transaction.means {
            Means::Card(number) => {
                if page.as_ref().is_some_and(|page| page.saves_card) {
                    transaction.saved_token = Some(self.save_card(&number.clone()));
                }
                self.run_card(&mut transaction, false, page.is_some_and(|page| page.authorizes));
            }
            means => {
                let user = page.filter(|page| page.links_gopay && *means == Means::GoPay).and_then(|page| page.user_id);
                if let Some(user) = user {
                    let known = self.linked(&user).map(|account| account.id);
                    let id = known.unwrap_or_else(|| {
                        self.add_account(Some(user.clone()), "81212345678".into(), AccountStatus::Enabled)
                    });
                    transaction.account = Some((user, id));
                }
                transaction.status = Status::Settlement;
                transaction.settled_at = Some(now);
            }
        }
        self.transactions.insert(order_id.into(), transaction);
        self.tell(order_id);
    }
}
