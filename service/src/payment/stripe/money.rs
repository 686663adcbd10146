//! What became of money: payments asked about, charged again, and given back.

use chrono::TimeDelta;
use domain::{
    Money, Problem,
    billing::{order::Said, payment::Fact},
    id::MembershipId,
};
use stripe_checkout::checkout_session::RetrieveCheckoutSession;
use stripe_client_core::{RequestBuilder, StripeMethod};
use stripe_core::{
    customer::RetrievePaymentMethodCustomer,
    dispute::ListDispute,
    payment_intent::{
        CancelPaymentIntent, ConfirmPaymentIntent, ConfirmPaymentIntentOffSession, CreatePaymentIntent,
        CreatePaymentIntentAutomaticPaymentMethods, CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects,
        RetrievePaymentIntent,
    },
    refund::{CreateRefund, RetrieveRefund},
};
use uuid::Uuid;

use super::{
    Stripe,
    answers::{
        Charge, Dispute, Intent, KEY, Listed, Metadata, Named, PRICE, PaymentMethod, Ref, Refund, Session, moment,
        money,
    },
    catalog::currency,
    wire::refused,
};
use crate::{
    Error, Result,
    payment::{Handle, Method, MethodKind, PaymentRequest, Report},
};

/// How long a bank's money may take.
const TRANSFER: TimeDelta = TimeDelta::days(14);

impl Stripe {
    /// What Stripe calls a payment: what is known, or what was noted when it was begun.
    async fn name_of(&self, payment: &Handle) -> Result<Option<String>> {
        match &payment.reference {
            Some(reference) if reference.contains('_') => Ok(Some(reference.clone())),
            _ => self.services.provider_object(self.account(), payment.key).await,
        }
    }

    pub(super) async fn ask(&self, payment: &Handle) -> Result<Option<Report>> {
        match self.name_of(payment).await? {
            Some(name) if name.starts_with("cs_") => self.ask_session(&name, payment.key).await,
            Some(name) if name.starts_with("pi_") => self.ask_intent(&name, payment.key).await,
            _ => Ok(None),
        }
    }

    async fn ask_session(&self, id: &str, key: Uuid) -> Result<Option<Report>> {
        let expand = ["payment_intent.latest_charge", "payment_intent.payment_method", "setup_intent.payment_method"];
        let request = RetrieveCheckoutSession::new(id.to_owned()).expand(expand.map(str::to_owned));
        let Some(session) = self.wire.get::<Session>(&request, self.mode).await? else { return Ok(None) };
        let report = self.of_session(&session, key).await?;
        let said = self.said(session.metadata.as_ref(), session.customer.as_ref()).await?;
        let billed = report.agreement.as_ref().map(|own| own.prices.clone());
        Ok(Some(Report { said: Said { prices: billed.or(said.prices), ..said }, ..report }))
    }

    /// Whose a session or an intent is and what it is for: by our marks, and by its customer.
    async fn said(&self, marks: Option<&Metadata>, customer: Option<&Ref<Named>>) -> Result<Said> {
        let members = match customer {
            Some(customer) => {
                let member = self.services.local_object(self.account(), customer.id()).await?;
                Some(member.map(MembershipId::from).into_iter().collect())
            }
            None => None,
        };
        let mark = |name: &str| marks?.get(name)?.parse::<Uuid>().ok();
        Ok(Said { key: mark(KEY), members, prices: mark(PRICE).map(|price| vec![price.into()]) })
    }

    /// What became of a session.
    async fn of_session(&self, session: &Session, key: Uuid) -> Result<Report> {
        if let Some(subscription) = &session.subscription {
            return self.first_of(subscription.id(), key, session).await;
        }
        if let Some(intent) = session.payment_intent.as_ref().and_then(Ref::object) {
            let report = self.report(intent, key).await?;
            // Where nobody pays in time, that is what became of it, unless money came all the same.
            return Ok(match session.status.as_deref() {
                Some("expired") if report.received().is_none() => with(report, Fact::Expired),
                _ => report,
            });
        }
        let kept = session.setup_intent.as_ref().and_then(Ref::object);
        let method = kept.and_then(|setup| method(&setup.payment_method));
        if let (Some(method), Some(customer)) = (&method, &session.customer) {
            self.bill_to(customer.id(), method).await?;
        }
        self.without_money(session, key, method)
    }

    /// A session in which no money moved: it is open, expired, or only kept a method.
    pub(super) fn without_money(&self, session: &Session, key: Uuid, method: Option<Method>) -> Result<Report> {
        let currency = session.currency.as_deref().unwrap_or("usd");
        let amount = money(session.amount_total.unwrap_or_default(), currency)?;
        let facts = match (session.status.as_deref(), session.payment_status.as_str()) {
            (Some("complete"), "no_payment_required" | "paid") => vec![Fact::Succeeded { amount }],
            (Some("complete"), _) => vec![Fact::Pending],
            (Some("expired"), _) => vec![Fact::Expired],
            _ => Vec::new(),
        };
        Ok(Report {
            reference: session.id.clone(),
            key,
            mode: self.mode,
            money: amount,
            said: Said::default(),
            facts,
            method,
            pay_until: None,
            agreement: None,
            surplus: Vec::new(),
        })
    }

    pub(super) async fn intent(&self, id: &str) -> Result<Option<Intent>> {
        let expand = ["latest_charge", "payment_method"].map(str::to_owned);
        self.wire.get(&RetrievePaymentIntent::new(id.to_owned()).expand(expand), self.mode).await
    }

    async fn ask_intent(&self, id: &str, key: Uuid) -> Result<Option<Report>> {
        let Some(intent) = self.intent(id).await? else { return Ok(None) };
        let said = self.said(intent.metadata.as_ref(), intent.customer.as_ref()).await?;
        Ok(Some(Report { said, ..self.report(&intent, key).await? }))
    }

    /// Everything that an intent, its charge and its disputes say.
    pub(super) async fn report(&self, intent: &Intent, key: Uuid) -> Result<Report> {
        let charge = intent.latest_charge.as_ref().and_then(Ref::object);
        let mut facts = Vec::new();
        let mut pay_until = None;
        match intent.status.as_str() {
            "succeeded" => facts.push(Fact::Succeeded { amount: money(intent.amount_received, &intent.currency)? }),
            "processing" => {
                facts.push(Fact::Pending);
                pay_until = Some(moment(intent.created) + TRANSFER);
            }
            "requires_payment_method" if intent.last_payment_error.is_some() => facts.push(Fact::Failed),
            "canceled" => facts.push(if intent.last_payment_error.is_some() { Fact::Failed } else { Fact::Expired }),
            _ => {}
        }
        if let Some(charge) = charge {
            if charge.amount_refunded > 0 {
                facts.push(Fact::Refunded { total: money(charge.amount_refunded, &intent.currency)? });
            }
            facts.extend(self.disputes(intent, charge).await?);
        }
        Ok(Report {
            reference: intent.id.clone(),
            key,
            mode: self.mode,
            money: money(intent.amount, &intent.currency)?,
            said: Said::default(),
            facts,
            method: method(&intent.payment_method),
            pay_until,
            agreement: None,
            surplus: Vec::new(),
        })
    }

    /// Disputes that took money; a bank's mere question takes none.
    async fn disputes(&self, intent: &Intent, charge: &Charge) -> Result<Vec<Fact>> {
        if !charge.disputed {
            return Ok(Vec::new());
        }
        let request = ListDispute::new().payment_intent(intent.id.as_str());
        let listed: Option<Listed<Dispute>> = self.wire.get(&request, self.mode).await?;
        let facts = listed.iter().flat_map(|listed| &listed.data).flat_map(|dispute| match dispute.status.as_str() {
            "won" => vec![Fact::Disputed, Fact::DisputeWon],
            "lost" => vec![Fact::Disputed, Fact::DisputeLost],
            "needs_response" | "under_review" => vec![Fact::Disputed],
            _ => Vec::new(),
        });
        Ok(facts.collect())
    }

    /// Charges a kept method. The intent's name is noted before it is confirmed, so that no crash and no lost answer
    /// makes a second one, and what counts is what the intent says afterwards.
    pub(super) async fn charge_method(&self, request: &PaymentRequest, method: &Method) -> Result<Report> {
        let id = match self.services.provider_object(self.account(), request.key).await? {
            Some(known) => known,
            None => match self.begin(request, method).await.map_err(refused)? {
                Some(made) => made,
                None => return Ok(self.gone(request, method)),
            },
        };
        let missing = || Error::internal("Stripe has forgotten a payment intent");
        let before = self.intent(&id).await?.ok_or_else(missing)?;
        if before.status != "requires_confirmation" {
            return self.report(&before, request.key).await;
        }
        let confirm = ConfirmPaymentIntent::new(id.clone()).off_session(ConfirmPaymentIntentOffSession::Bool(true));
        let confirmed: Result<Named> = self.wire.make(&confirm, ("confirm", &id), self.mode).await;
        let after = self.intent(&id).await?.ok_or_else(missing)?;
        match confirmed {
            Err(error) if after.status == "requires_confirmation" => Err(refused(error)),
            _ => self.report(&after, request.key).await,
        }
    }

    /// `None` when the method is its customer's no longer: it was detached, or the customer was deleted at Stripe.
    async fn begin(&self, request: &PaymentRequest, method: &Method) -> Result<Option<String>> {
        let customer = self.customer(&request.customer).await?;
        let held = RetrievePaymentMethodCustomer::new(customer.clone(), method.token.as_str());
        if self.wire.get::<Named>(&held, self.mode).await?.is_none() {
            return Ok(None);
        }
        let mut methods = CreatePaymentIntentAutomaticPaymentMethods::new(true);
        methods.allow_redirects = Some(CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects::Never);
        let wanted = CreatePaymentIntent::new(request.money.amount(), currency(request.money.currency()))
            .customer(customer)
            .payment_method(method.token.as_str())
            .automatic_payment_methods(methods)
            .description(request.description.as_str())
            .metadata(Metadata::from([(KEY.into(), request.key.to_string())]));
        let made: Named = self.wire.make(&wanted, ("charge", &request.key.to_string()), self.mode).await?;
        self.services.name_object(self.account(), request.key, made.id).await.map(Some)
    }

    /// Cancels the intent of a charge, so that nobody confirms it any more. What counts is what it says afterwards: it may
    /// have been confirmed meanwhile, and is not to be canceled then.
    pub(super) async fn cancel(&self, charge: &Handle) -> Result<Option<Report>> {
        let Some(id) = self.name_of(charge).await? else { return Ok(None) };
        let cancel = CancelPaymentIntent::new(id.clone());
        let canceled: Result<Named> = self.wire.make(&cancel, ("cancel", &id), self.mode).await;
        let after = self.ask(charge).await?;
        match canceled {
            Err(error) if after.as_ref().is_none_or(|report| report.facts.is_empty()) => Err(error),
            _ => Ok(after),
        }
    }

    /// Detaches a card from its customer, who has it for a default no more, nor have their subscriptions.
    pub(super) async fn detach(&self, member: MembershipId, method: &Method) -> Result<()> {
        let Some(customer) = self.services.provider_object(self.account(), member.get()).await? else { return Ok(()) };
        let held = RetrievePaymentMethodCustomer::new(customer, method.token.as_str());
        if self.wire.get::<Named>(&held, self.mode).await?.is_none() {
            return Ok(());
        }
        let detach = RequestBuilder::new(StripeMethod::Post, format!("/payment_methods/{}/detach", method.token));
        let Err(error) = self.wire.set::<Named>(detach, self.mode).await else { return Ok(()) };
        // Twice is refused: the answer to the first may have been lost.
        match self.wire.get::<Named>(&held, self.mode).await? {
            Some(_) => Err(error),
            None => Ok(()),
        }
    }

    /// There is no intent to speak of: the method itself is gone.
    fn gone(&self, request: &PaymentRequest, method: &Method) -> Report {
        Report { method: Some(method.clone()), ..Report::failed(request.key, self.mode, request.money) }
    }

    /// Gives back what is missing to `total`. Asked again, or twice at once, it is one refund: its key names the total.
    pub(super) async fn give_back(&self, payment: &Handle, total: Money) -> Result<Report> {
        let report = self.ask(payment).await?.ok_or(domain::ErrorCode::PlanNotFound)?;
        let before = report.facts.iter().find_map(|fact| match fact {
            Fact::Refunded { total } => Some(total.amount()),
            _ => None,
        });
        let missing = total.amount() - before.unwrap_or_default();
        if report.received().is_none_or(|received| received.currency() != total.currency()) {
            return Err(Problem::field("amount", "only what was paid can be given back").into());
        }
        if missing <= 0 {
            return Ok(report);
        }
        let wanted = CreateRefund::new().payment_intent(report.reference.as_str()).amount(missing);
        let name = format!("{}-{}", report.reference, total.amount());
        let _: Named = self.wire.make(&wanted, ("refund", &name), self.mode).await?;
        let after = Handle { key: payment.key, reference: Some(report.reference) };
        Ok(self.ask(&after).await?.ok_or(domain::ErrorCode::PlanNotFound)?)
    }

    /// Whether the money of a refund is back in the balance, perhaps weeks after it was made.
    pub(super) async fn came_to_nothing(&self, refund: &str) -> Result<bool> {
        let found: Option<Refund> = self.wire.get(&RetrieveRefund::new(refund.to_owned()), self.mode).await?;
        let status = found.and_then(|refund| refund.status);
        Ok(matches!(status.as_deref(), Some("failed" | "canceled")))
    }
}

fn with(mut report: Report, fact: Fact) -> Report {
    report.facts.push(fact);
    report
}

/// A card that can be charged again: it is its customer's. Other ways of paying are known to Stripe only.
pub(super) fn method(found: &Option<Ref<PaymentMethod>>) -> Option<Method> {
    let method = found.as_ref()?.object().filter(|method| method.customer.is_some())?;
    let card = method.card.as_ref()?;
    let mut brand = card.brand.clone();
    if let Some(first) = brand.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let label = format!("{brand} \u{2022}\u{2022}\u{2022}\u{2022} {}", card.last4);
    Some(Method { token: method.id.clone(), kind: MethodKind::Card, label })
}
