//! `/plans`: plan selection within an authorization, or on the way to a device that waits to be allowed.

use std::sync::Arc;

use app::{
    form::{Complaint, Fault, FormState},
    notice::{Notice, NoticePage, Way},
    plans::{Offer, SelectPage},
};
use axum::{http::StatusCode, response::Response};
use domain::{
    ErrorCode,
    application::Provider,
    billing::{
        plan::PlanKey,
        price::Interval,
        subscription::{Scheduled, Subscription},
    },
    id::{ApplicationId, PlanId, PriceId},
    route,
    route::ReturnTo,
};
use leptos::prelude::*;
use service::{
    billing::{
        offers::offered,
        orders::{Destination, NewOrder, Started},
        subscriptions::{Choice, Chosen},
    },
    directory::ApplicationEntry,
};

use super::{
    asked::{Asked, Fields},
    device,
    error::product,
    flow,
};
use crate::http::{error::status_of, redirect::see_other};

/// What waits behind the page.
struct Waiting {
    application: Arc<ApplicationEntry>,
    requested_plan: Option<PlanKey>,
    to: ReturnTo,
    /// The same, for after a checkout.
    destination: Destination,
}

impl Waiting {
    /// Of somebody who may choose; anybody else is sent to where that is sorted out.
    async fn of(asked: &mut Asked) -> Result<Self, Response> {
        if let ReturnTo::Device { code } = asked.to() {
            let device = device::selecting(asked, code).await?;
            asked.speak_for(device.client.application.application.id);
            let sealed = asked.services().device_codes().seal(&device.code).map_err(|error| asked.fail(error))?;
            return Ok(Self {
                application: device.client.application.clone(),
                requested_plan: None,
                to: ReturnTo::Device { code: Some(device.code) },
                destination: Destination::Device { sealed },
            });
        }
        let flow::Waiting { flow, view } = flow::consented(asked).await?;
        let kept = asked.services().authorize().wait(&asked.ctx, &flow).map_err(|error| asked.fail(error))?;
        Ok(Self {
            application: view.application,
            requested_plan: view.requested_plan,
            to: ReturnTo::Flow(flow),
            destination: Destination::Flow(Box::new(kept)),
        })
    }
}

pub async fn show(mut asked: Asked) -> Response {
    let waiting = match Waiting::of(&mut asked).await {
        Ok(waiting) => waiting,
        Err(response) => return response,
    };
    let cycle = asked.parameter("cycle").and_then(|text| Interval::parse(&text).ok());
    page(&asked, &waiting, StatusCode::OK, FormState::default(), None, cycle).await
}

/// Carries the choice out and goes on to what waits. Sending it twice chooses the same once more.
pub async fn submit(mut asked: Asked, fields: Fields) -> Response {
    let waiting = match Waiting::of(&mut asked).await {
        Ok(waiting) => waiting,
        Err(response) => return response,
    };
    let cycle = Interval::parse(fields.get("cycle")).ok();
    let key = PlanKey::parse(fields.get("plan")).ok();
    let refuse = async |status, form: FormState| page(&asked, &waiting, status, form, key.clone(), cycle).await;
    let choice = match choice(&waiting, &fields, cycle) {
        Ok(choice) => choice,
        Err(complaint) => {
            let mut form = FormState::default();
            form.complain("plan", complaint);
            return refuse(StatusCode::BAD_REQUEST, form).await;
        }
    };
    let application = waiting.application.application.id;
    if let Err(error) = join(&asked, application).await {
        return asked.fail(error);
    }
    match asked.services().subscriptions().choose(&asked.ctx, application, choice.clone()).await {
        Ok(Chosen::Done) => see_other(&waiting.to.path()),
        Ok(Chosen::NeedsPayment) => pay(&asked, &waiting, choice).await,
        Err(error) => match error.code() {
            code @ ErrorCode::InsufficientRights => refuse(status_of(code), FormState::failed(Fault::Code(code))).await,
            _ => asked.fail(error),
        },
    }
}

/// Who comes here may be no member yet, as on the way to a device: to look makes nobody one, to choose does.
async fn join(asked: &Asked, application: ApplicationId) -> service::Result<()> {
    let session = asked.ctx.require_session()?;
    asked.services().memberships().admit(&asked.ctx, &session.user, application).await.map(drop)
}

/// What was chosen: keeping, or a plan on offer with the price that was shown for it in that cycle.
fn choice(waiting: &Waiting, fields: &Fields, cycle: Option<Interval>) -> Result<Choice, Complaint> {
    if !fields.get("keep").is_empty() {
        return Ok(Choice::Keep);
    }
    let entry = &waiting.application;
    let plan = match fields.get("plan") {
        "" => return Err(Complaint::Plan),
        key => entry.plan_by_key(key).filter(|plan| plan.is_on_offer()).ok_or(Complaint::PlanGone)?,
    };
    let sent: Vec<PriceId> = fields
        .all("price")
        .filter(|id| !id.is_empty())
        .map(|id| id.parse().map_err(|_| Complaint::PlanGone))
        .collect::<Result<_, _>>()?;
    // The page sends the prices of all its plans; one that is nobody's was never on it.
    let known = |id: &PriceId| entry.plans.iter().flat_map(|plan| &plan.prices).any(|price| price.id == *id);
    if !sent.iter().all(known) {
        return Err(Complaint::PlanGone);
    }
    let shown = || plan.current_prices().filter(|price| sent.contains(&price.id));
    let price = shown().find(|price| Some(price.interval) == cycle).or_else(|| shown().next());
    Ok(Choice::Plan(plan.key.clone(), price.map(|price| price.id)))
}

async fn page(
    asked: &Asked,
    waiting: &Waiting,
    status: StatusCode,
    form: FormState,
    chosen: Option<PlanKey>,
    cycle: Option<Interval>,
) -> Response {
    let offer = match offer(asked, waiting, chosen, cycle).await {
        Ok(offer) => offer,
        Err(error) => return asked.fail(error),
    };
    let product = product(&waiting.application);
    let (visit, action) = (asked.visit.clone(), waiting.to.by(route::PLANS));
    asked.page(status, || view! { <SelectPage visit product action offer form/> })
}

async fn offer(
    asked: &Asked,
    waiting: &Waiting,
    chosen: Option<PlanKey>,
    cycle: Option<Interval>,
) -> service::Result<Offer> {
    let entry = &waiting.application;
    let session = asked.ctx.require_session()?;
    let holder = asked.services().entitlements().holder(session.user.id, entry.application.id).await?;
    if holder.as_ref().is_some_and(|holder| !holder.has_access()) {
        return Err(ErrorCode::NoAccess.into());
    }
    let trials = match &holder {
        _ if entry.application.settings.provider == Provider::None => false,
        Some(holder) => asked.services().trials().may_begin(holder).await?,
        None => true,
    };
    let held = holder.as_ref().and_then(|holder| holder.subscription.as_ref());
    let current = match &holder {
        Some(_) => held.and_then(|held| entry.plan(held.plan_id)),
        // What they get by joining.
        None => entry.default_plan(),
    };
    let price = current.zip(held).and_then(|(plan, held)| plan.prices.iter().find(|own| Some(own.id) == held.price_id));
    let plans = offered(asked.services(), entry, holder.as_ref()).await?;
    let wanted = [chosen, waiting.requested_plan.clone(), current.map(|plan| plan.key.clone())];
    Ok(Offer {
        preselected: wanted.into_iter().flatten().find(|key| plans.iter().any(|plan| plan.key == *key)),
        current: current.map(|plan| (plan.key.clone(), plan.name.to_string())),
        fixed: held.and_then(Subscription::fixed),
        plans,
        // What is billed yearly is compared with other years.
        cycle: cycle.or_else(|| price.map(|price| price.interval)),
        trials,
    })
}

/// Goes to checkout, and from there on to what waits. A downgrade of what is billed waits for its time.
async fn pay(asked: &Asked, waiting: &Waiting, choice: Choice) -> Response {
    match order(asked, waiting, &choice).await {
        Ok(Started::Order(placed)) => match asked.services().orders().path(placed.order.id) {
            Ok(path) => see_other(&path),
            Err(error) => asked.fail(error),
        },
        Ok(Started::Granted(held)) => match held.scheduled.filter(|change| change.plan_id != held.plan_id) {
            Some(change) => scheduled(asked, waiting, held.plan_id, change),
            None => see_other(&waiting.to.path()),
        },
        Err(error) if error.code() == ErrorCode::ProviderNotConfigured => payment_missing(asked, waiting, &choice),
        // It was paused meanwhile: the page says so.
        Err(error) if error.code() == ErrorCode::BilledByProvider => {
            let form = FormState::failed(Fault::Stale);
            page(asked, waiting, status_of(error.code()), form, None, None).await
        }
        // It is not on offer any more, or not in the currency in which they are billed.
        Err(error) if error.code() == ErrorCode::PlanNotFound => {
            let mut form = FormState::default();
            form.complain("plan", Complaint::PlanGone);
            page(asked, waiting, status_of(error.code()), form, None, None).await
        }
        Err(error) => asked.fail(error),
    }
}

/// What is paid runs on: says from when the choice holds, and goes on from there.
fn scheduled(asked: &Asked, waiting: &Waiting, current: PlanId, change: Scheduled) -> Response {
    let (text, entry) = (asked.visit.text(), &waiting.application);
    let notice = Notice {
        title: text.change_scheduled_title(text.date(change.at)),
        body: text.change_scheduled_body(entry.plan_name(current), entry.plan_name(change.plan_id)),
        ways: vec![Way::new(text.continue_(), waiting.to.path())],
        product: product(entry),
        ..Notice::default()
    };
    let visit = asked.visit.clone();
    asked.page(StatusCode::OK, || view! { <NoticePage visit notice/> })
}

async fn order(asked: &Asked, waiting: &Waiting, choice: &Choice) -> service::Result<Started> {
    let (Choice::Plan(plan, price), Some(session)) = (choice, asked.session()) else {
        return Err(ErrorCode::NoSession.into());
    };
    let destination = waiting.destination.clone();
    let new = NewOrder { plan: plan.clone(), price: *price, coupon: None, destination, metadata: None, payer: None };
    let application = waiting.application.application.id;
    asked.services().orders().start(&asked.ctx, application, session.user.id, new).await
}

/// No provider takes payment: says which one is missing. Nothing has changed.
fn payment_missing(asked: &Asked, waiting: &Waiting, choice: &Choice) -> Response {
    let text = asked.visit.text();
    let key = match choice {
        Choice::Plan(key, _) => key.as_str(),
        Choice::Keep => "",
    };
    let notice = Notice {
        title: text.payment_missing_title(),
        body: missing_provider(asked, &waiting.application, key),
        ways: vec![Way::new(text.choose_another_plan(), waiting.to.by(route::PLANS))],
        detail: Some(ErrorCode::ProviderNotConfigured.as_str().into()),
        product: product(&waiting.application),
        ..Notice::default()
    };
    let visit = asked.visit.clone();
    asked.page(status_of(ErrorCode::ProviderNotConfigured), || view! { <NoticePage visit notice/> })
}

/// Which provider would take payment for the plan of that key, and cannot.
pub(super) fn missing_provider(asked: &Asked, entry: &ApplicationEntry, key: &str) -> String {
    let plan = entry.plan_by_key(key).map(|plan| plan.name.to_string()).unwrap_or_default();
    let provider = match entry.application.settings.provider {
        Provider::None => "",
        Provider::Sandbox => "Sandbox",
        Provider::Stripe => "Stripe",
        Provider::Midtrans => "Midtrans",
    };
    asked.visit.text().payment_missing_body(&entry.application.settings.name, plan, provider)
}
