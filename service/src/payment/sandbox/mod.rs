//! The built-in provider: no account anywhere. It plays cards, 3-D Secure, bank transfers and QRIS on a page of its
//! own, keeps its own books (`sandbox_payments`), and knows nothing of plans and subscriptions.

mod card;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::{
    ErrorCode, Money, Problem,
    application::Provider,
    billing::{
        order::Said,
        payment::{Fact, Mode},
    },
    id::{ApplicationId, MembershipId, PriceId},
    route,
};
use sea_orm::{ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};
use serde::{Deserialize, Serialize};

pub use card::{Behaviour, CARDS, CardNumber};

use super::{
    Handle, Headers, Method, MethodKind, Notification, Opened, PaymentProvider, PaymentRequest, Report, Subject,
};
use crate::{
    Ctx, Error, Result, Services,
    clock::at,
    entity::sandbox_payments,
    tx::{LOCK, Tx},
    webhook::inbox,
};

/// How long a bank transfer or a QR code waits for its money.
const TRANSFER: TimeDelta = TimeDelta::hours(24);

/// See the module.
pub struct Sandbox(pub(super) Services);

/// What the sandbox keeps of a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    pub key: uuid::Uuid,
    pub application: ApplicationId,
    pub money: Money,
    /// Who pays; rows of before it was kept have none.
    #[serde(default)]
    pub member: Option<MembershipId>,
    #[serde(default)]
    pub price: Option<PriceId>,
    pub description: String,
    pub return_url: String,
}

impl From<&PaymentRequest> for Asked {
    fn from(request: &PaymentRequest) -> Self {
        Self {
            key: request.key,
            application: request.application,
            money: request.money,
            member: Some(request.customer.membership),
            price: request.price,
            description: request.description.clone(),
            return_url: request.return_url.clone(),
        }
    }
}

/// A payment as its page shows it.
#[derive(Clone, Debug)]
pub struct SandboxPayment {
    pub request: Asked,
    pub facts: Vec<Fact>,
    pub method: Option<Method>,
    pub pay_until: Option<domain::Timestamp>,
}

/// What came of entering a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardAnswer {
    Done,
    Declined,
    /// The bank wants to see its customer: 3-D Secure.
    Authenticate,
}

impl Services {
    /// The sandbox's own side, for its page.
    pub fn sandbox(&self) -> Sandbox {
        Sandbox(self.clone())
    }
}

impl Sandbox {
    /// A payment of its page.
    ///
    /// # Errors
    /// `SUB_001` when there is none.
    pub async fn get(&self, key: uuid::Uuid) -> Result<SandboxPayment> {
        let row = sandbox_payments::Entity::find_by_id(key.to_string()).one(self.0.db.read()).await?;
        read(row.ok_or(ErrorCode::PlanNotFound)?)
    }

    /// A customer enters a card.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn enter_card(&self, key: uuid::Uuid, number: CardNumber) -> Result<CardAnswer> {
        let answer = match number.behaviour() {
            Behaviour::Declined => CardAnswer::Declined,
            Behaviour::Authenticate => CardAnswer::Authenticate,
            _ => CardAnswer::Done,
        };
        self.change(key, move |payment| {
            payment.method = Some(number.method());
            match number.behaviour() {
                Behaviour::Declined => payment.learn(Fact::Failed),
                Behaviour::Authenticate => {}
                Behaviour::Disputed => {
                    payment.succeed();
                    payment.learn(Fact::Disputed);
                }
                Behaviour::Succeeds | Behaviour::FailsLater => payment.succeed(),
            }
        })
        .await?;
        Ok(answer)
    }

    /// The customer's bank has or has not recognised them.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn authenticate(&self, key: uuid::Uuid, passed: bool) -> Result<()> {
        self.change(key, move |payment| if passed { payment.succeed() } else { payment.learn(Fact::Failed) }).await
    }

    /// The customer chooses to transfer the money, or to scan a code.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn begin_transfer(&self, key: uuid::Uuid, kind: MethodKind) -> Result<()> {
        let services = self.0.clone();
        self.change(key, move |payment| {
            let label = match kind {
                MethodKind::Qris => "QRIS".into(),
                _ => format!("VA {}", account_number(key)),
            };
            payment.method = Some(Method { token: key.to_string(), kind, label });
            payment.pay_until.get_or_insert(services.billing_now(payment.request.application) + TRANSFER);
            payment.learn(Fact::Pending);
        })
        .await
    }

    /// The money arrives, in time or late.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn transfer_arrives(&self, key: uuid::Uuid) -> Result<()> {
        self.change(key, |payment| payment.succeed()).await
    }

    async fn change(&self, key: uuid::Uuid, change: impl FnOnce(&mut SandboxPayment) + Send + 'static) -> Result<()> {
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    let row = find(&tx, key).await?.ok_or(ErrorCode::PlanNotFound)?;
                    let mut payment = read(row.clone())?;
                    if !payment.is_paid() {
                        change(&mut payment);
                        store(&tx, row, &payment).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

#[async_trait]
impl PaymentProvider for Sandbox {
    fn mode(&self) -> Mode {
        Mode::Test
    }

    async fn open(&self, request: &PaymentRequest) -> Result<Opened> {
        let reference = request.key.to_string();
        let request = Asked::from(request);
        self.0.transact(&Ctx::system(), move |tx| Box::pin(async move { insert(&tx, request).await })).await?;
        Ok(Opened { url: format!("{}{}/{reference}", self.0.settings.issuer, route::SANDBOX_PAY), reference })
    }

    async fn inquire(&self, payment: &Handle) -> Result<Option<Report>> {
        let row = sandbox_payments::Entity::find_by_id(payment.key.to_string()).one(self.0.db.read()).await?;
        row.map(|row| read(row).map(SandboxPayment::report)).transpose()
    }

    async fn charge(&self, request: &PaymentRequest, method: &Method) -> Result<Report> {
        let (request, method) = (Asked::from(request), method.clone());
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    let key = request.key;
                    insert(&tx, request).await?;
                    let row = find(&tx, key).await?.ok_or(ErrorCode::PlanNotFound)?;
                    let mut payment = read(row.clone())?;
                    if payment.facts.is_empty() {
                        let charged = CardNumber::of(&method).is_some_and(|card| card.behaviour().can_be_charged());
                        if charged {
                            payment.succeed()
                        } else {
                            payment.learn(Fact::Failed)
                        }
                        payment.method = Some(method);
                        store(&tx, row, &payment).await?;
                    }
                    Ok(payment.report())
                })
            })
            .await
    }

    async fn refund(&self, payment: &Handle, total: Money) -> Result<Report> {
        let key = payment.key;
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    let row = find(&tx, key).await?.ok_or(ErrorCode::PlanNotFound)?;
                    let mut payment = read(row.clone())?;
                    if !payment.is_paid() || total.currency() != payment.request.money.currency() {
                        return Err(Problem::field("amount", "only what was paid can be given back").into());
                    }
                    payment.learn(Fact::Refunded { total });
                    store(&tx, row, &payment).await?;
                    Ok(payment.report())
                })
            })
            .await
    }

    /// Nothing comes from outside: its notifications are written into the inbox with what they tell.
    fn read(&self, _headers: &Headers, _body: &[u8]) -> Result<Notification> {
        Err(ErrorCode::BadCredentials.into())
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

impl SandboxPayment {
    /// Whether the money has arrived.
    pub fn is_paid(&self) -> bool {
        self.facts.iter().any(|fact| matches!(fact, Fact::Succeeded { .. }))
    }

    fn succeed(&mut self) {
        self.learn(Fact::Succeeded { amount: self.request.money });
    }

    fn learn(&mut self, fact: Fact) {
        if !self.facts.contains(&fact) {
            self.facts.push(fact);
        }
    }

    fn report(self) -> Report {
        Report {
            reference: self.request.key.to_string(),
            key: self.request.key,
            mode: Mode::Test,
            money: self.request.money,
            said: Said {
                key: Some(self.request.key),
                members: self.request.member.map(|member| vec![member]),
                prices: self.request.price.map(|price| vec![price]),
            },
            facts: self.facts,
            method: self.method,
            pay_until: self.pay_until,
            agreement: None,
            surplus: Vec::new(),
        }
    }
}

async fn find(tx: &Tx<'_>, key: uuid::Uuid) -> Result<Option<sandbox_payments::Model>> {
    Ok(sandbox_payments::Entity::find_by_id(key.to_string()).lock(LOCK).one(tx.db).await?)
}

async fn insert(tx: &Tx<'_>, request: Asked) -> Result<()> {
    let row = sandbox_payments::ActiveModel {
        reference: Set(request.key.to_string()),
        application_id: Set(request.application.get()),
        request: Set(serde_json::to_string(&request).map_err(Error::internal)?),
        facts: Set("[]".into()),
        method: Set(None),
        created_at: Set(tx.millis()),
        pay_until_at: Set(None),
    };
    let once = sea_orm::sea_query::OnConflict::column(sandbox_payments::Column::Reference).do_nothing().to_owned();
    sandbox_payments::Entity::insert(row).on_conflict(once).exec_without_returning(tx.db).await?;
    Ok(())
}

async fn store(tx: &Tx<'_>, row: sandbox_payments::Model, payment: &SandboxPayment) -> Result<()> {
    let mut row = row.into_active_model();
    row.facts = Set(serde_json::to_string(&payment.facts).map_err(Error::internal)?);
    row.method = Set(payment.method.as_ref().map(serde_json::to_string).transpose().map_err(Error::internal)?);
    row.pay_until_at = Set(payment.pay_until.map(|until| until.timestamp_millis()));
    sandbox_payments::Entity::update(row).exec(tx.db).await?;
    // What others send over the network, the sandbox writes into the inbox itself.
    let event_id = tx.id::<uuid::Uuid>().to_string();
    let told = Notification { event_id, subject: Subject::Payment(payment.request.key) };
    inbox::store(tx, payment.request.application, Provider::Sandbox, told, Vec::new()).await
}

fn read(row: sandbox_payments::Model) -> Result<SandboxPayment> {
    Ok(SandboxPayment {
        request: domain::stored::read(&row.request).map_err(Error::internal)?,
        facts: domain::stored::read(&row.facts).map_err(Error::internal)?,
        method: row.method.map(|method| domain::stored::read(&method)).transpose().map_err(Error::internal)?,
        pay_until: row.pay_until_at.map(at),
    })
}

/// The account number that a bank would make for this payment: 16 digits.
pub fn account_number(key: uuid::Uuid) -> String {
    format!("8808{:012}", key.as_u128() % 1_000_000_000_000)
}
