//! `/checkout/…`: what somebody is about to pay, the way to the provider's page and back, and on to where they came
//! from.

use app::{
    checkout::{Coupon, Elsewhere, OrderPage, Pending, PendingPage, Setback, Summary},
    form::{Complaint, FormState},
    notice::{Notice, NoticePage, Way},
    portal::Done,
    ui::SumLine,
};
use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, header::REFRESH},
    response::Response,
};
use domain::{
    ErrorCode, Flaw,
    application::Provider,
    billing::{
        coupon::CouponCode,
        order::State,
        payment::Mode,
        plan::Plan,
        price::{Interval, Price},
        quote::{Line, LineKind, Quote},
    },
    id::{ApplicationId, PlanId},
    route,
    route::ReturnTo,
};
use leptos::prelude::*;
use service::{
    billing::orders::{Destination, Placed, Pressed, Started},
    directory::ApplicationEntry,
};

use super::{
    asked::{Asked, Fields, see_other, status_of},
    credentials,
    error::product,
    portal,
};

/// How often the page of an awaited payment looks again.
const EVERY_FEW_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// The address names nothing that could be paid.
pub(super) fn wrong_link(asked: &Asked) -> Response {
    let text = asked.visit.text();
    notice(asked, None, StatusCode::BAD_REQUEST, text.bad_checkout_title(), text.bad_checkout_body(), vec![])
}

/// The order as it stands: to be paid, awaited, or done.
pub async fn show(mut asked: Asked, Path(token): Path<String>) -> Response {
    let placed = match asked.services().orders().find(&token).await {
        Ok(placed) => placed,
        Err(_) => return wrong_link(&asked),
    };
    asked.speak_for(placed.order.application_id);
    // A transfer arrives without anybody coming back from the provider's page.
    let placed = match placed.order.state {
        State::Pending { .. } => match asked.services().orders().look(placed.clone()).await {
            // It still waits, and the page looks again by itself.
            Err(error) if error.code() == ErrorCode::ProviderUnavailable => Ok(placed),
            looked => looked,
        },
        _ => Ok(placed),
    };
    match placed {
        Ok(placed) => stage(&asked, &token, placed, Said::Nothing).await,
        Err(error) => asked.fail(error),
    }
}

/// The button was pressed, or a coupon was typed.
pub async fn press(mut asked: Asked, Path(token): Path<String>, fields: Fields) -> Response {
    let Ok(placed) = asked.services().orders().find(&token).await else { return wrong_link(&asked) };
    asked.speak_for(placed.order.application_id);
    if placed.order.state.is_open() && fields.get("act") == "coupon" {
        apply(&asked, &token, placed, &fields).await
    } else {
        open(&asked, &token, placed).await
    }
}

/// On to the provider's page. Pressing twice opens one payment.
pub(super) async fn open(asked: &Asked, token: &str, placed: Placed) -> Response {
    let orders = asked.services().orders();
    if !placed.order.state.is_open() {
        return stage(asked, token, placed, Said::Nothing).await;
    }
    let back = format!("{}{}?order={token}", asked.services().settings.issuer, route::CHECKOUT_RETURN);
    match orders.press(placed.clone(), back).await {
        Ok(Pressed::Go(url)) => see_other(&url),
        Ok(Pressed::Done(placed)) => stage(asked, token, *placed, Said::Nothing).await,
        Err(error) if error.code() == ErrorCode::ProviderUnavailable => {
            let mut page = stage(asked, token, placed, Said::Unanswered).await;
            *page.status_mut() = status_of(error.code());
            page
        }
        // Given up meanwhile, or being charged: the page says so.
        Err(error) if error.code() == ErrorCode::SubscriptionExpired => {
            see_other(&format!("{}/{token}", route::CHECKOUT))
        }
        Err(error) => asked.fail(error),
    }
}

/// A coupon was typed, or taken away again: the order is made anew.
async fn apply(asked: &Asked, token: &str, placed: Placed, fields: &Fields) -> Response {
    let typed = fields.get("coupon").trim();
    let mut form = FormState::default().keep("coupon", credentials::typed(typed));
    let code = match typed {
        "" => None,
        typed => match CouponCode::parse(typed) {
            Ok(code) => Some(code),
            Err(_) => {
                form.complain("coupon", Complaint::Coupon(None));
                return refused(asked, token, placed, form).await;
            }
        },
    };
    match asked.services().orders().with_coupon(placed.clone(), code).await {
        Ok(Started::Order(placed)) => match asked.services().orders().path(placed.order.id) {
            Ok(path) => see_other(&path),
            Err(error) => asked.fail(error),
        },
        Ok(Started::Granted(_)) => go_on(asked, &placed).await,
        Err(service::Error::Problem(problem)) if problem.fields.iter().any(|field| field.field == "coupon") => {
            let refusal = problem.fields.iter().find_map(|field| match field.flaw {
                Flaw::Coupon(refusal) => Some(refusal),
                _ => None,
            });
            form.complain("coupon", Complaint::Coupon(refusal));
            refused(asked, token, placed, form).await
        }
        Err(error) => asked.fail(error),
    }
}

async fn refused(asked: &Asked, token: &str, placed: Placed, form: FormState) -> Response {
    let mut page = stage(asked, token, placed, Said::Refused(form)).await;
    *page.status_mut() = StatusCode::BAD_REQUEST;
    page
}

/// Back from the provider: asks it what became of the payment, so that the plan is there before any notification.
pub async fn come_back(mut asked: Asked) -> Response {
    let Some(token) = asked.parameter("order") else { return wrong_link(&asked) };
    let Ok(placed) = asked.services().orders().find(&token).await else { return wrong_link(&asked) };
    let application = placed.order.application_id;
    asked.speak_for(application);
    match asked.services().orders().look(placed).await {
        Ok(placed) if matches!(placed.order.state, State::Paid { .. }) => go_on(&asked, &placed).await,
        Ok(_) => see_other(&format!("{}/{token}", route::CHECKOUT)),
        Err(error) if error.code() == ErrorCode::ProviderUnavailable => unasked(&asked, application),
        Err(error) => asked.fail(error),
    }
}

/// Nobody knows yet what became of the payment of somebody who has come back: the page asks again by itself, and offers
/// no second payment.
fn unasked(asked: &Asked, application: ApplicationId) -> Response {
    let (directory, text) = (asked.services().directory(), asked.visit.text());
    let ways = vec![Way::new(text.check_now(), asked.uri.to_string())];
    let (title, body) = (text.unasked_title(), text.unasked_body());
    let status = status_of(ErrorCode::ProviderUnavailable);
    let mut page = notice(asked, directory.application(application).map(|entry| &**entry), status, title, body, ways);
    page.headers_mut().insert(REFRESH, EVERY_FEW_SECONDS);
    page
}

/// What the page of an order says beyond the order.
enum Said {
    Nothing,
    /// The coupon that was typed is refused.
    Refused(FormState),
    /// The provider did not answer when the button was pressed.
    Unanswered,
}

async fn stage(asked: &Asked, token: &str, placed: Placed, said: Said) -> Response {
    let directory = asked.services().directory();
    let Some(entry) = directory.application(placed.order.application_id) else { return wrong_link(asked) };
    let here = format!("{}/{token}", route::CHECKOUT);
    let text = asked.visit.text();
    match placed.order.state {
        State::Paid { .. } => go_on(asked, &placed).await,
        State::Pending { until } => {
            let now = asked.services().billing_now(placed.order.application_id);
            let (elsewhere, leave) = (elsewhere(&placed), leave(asked, &placed));
            let pending = Pending { due: placed.order.quote.due, until, now, here, elsewhere, leave };
            let (visit, product) = (asked.visit.clone(), product(entry));
            let mut page = asked.page(StatusCode::OK, || view! { <PendingPage visit product pending/> });
            page.headers_mut().insert(REFRESH, EVERY_FEW_SECONDS);
            page
        }
        State::Open | State::Failed { .. } => {
            match asked.services().orders().is_being_charged(&placed).await {
                Ok(true) => {
                    let (title, body) = (text.bill_charged_title(), text.bill_charged_body());
                    let ways = leave(asked, &placed).map(|href| Way::new(text.back_to_plan(), href));
                    return notice(asked, Some(entry), StatusCode::OK, title, body, ways.into_iter().collect());
                }
                Ok(false) => {}
                Err(error) => return asked.fail(error),
            }
            let code = match asked.services().orders().coupon_of(&placed).await {
                Ok(code) => code.map(|code| code.to_string()),
                Err(error) => return asked.fail(error),
            };
            let bill = Bill {
                quote: &placed.order.quote,
                mode: Some(placed.order.mode),
                coupon: code.as_deref(),
                invoice: None,
            };
            let Some(summary) = summary(asked, entry, bill) else { return wrong_link(asked) };
            let setback = match (&said, &placed.order.state) {
                (Said::Unanswered, _) => Some(Setback::Unanswered),
                (_, State::Failed { .. }) => Some(Setback::Failed),
                _ => None,
            };
            let coupon = match (said, code) {
                _ if placed.invoice.is_some() => Coupon::None,
                (Said::Refused(form), _) => Coupon::Field(form),
                (_, Some(code)) => Coupon::Applied { code },
                (_, None) => Coupon::Field(FormState::default()),
            };
            let (visit, product, leave) = (asked.visit.clone(), product(entry), leave(asked, &placed));
            asked.page(StatusCode::OK, || view! { <OrderPage visit product summary coupon action=here leave setback/> })
        }
        State::Expired { .. } | State::Canceled { .. } => {
            let ways = leave(asked, &placed).map(|href| Way::new(text.start_again(), href)).into_iter().collect();
            notice(asked, Some(entry), StatusCode::GONE, text.order_gone_title(), text.order_gone_body(), ways)
        }
    }
}

/// The page on which what is awaited was begun. Stripe's is done with by then.
fn elsewhere(placed: &Placed) -> Option<Elsewhere> {
    match placed.provider {
        Provider::Sandbox => Some(Elsewhere::TestBank(format!("{}/{}", route::SANDBOX_PAY, placed.order.id))),
        Provider::Midtrans => Some(Elsewhere::Provider),
        Provider::Stripe | Provider::None => None,
    }
}

pub(super) fn notice(
    asked: &Asked,
    entry: Option<&ApplicationEntry>,
    status: StatusCode,
    title: String,
    body: String,
    ways: Vec<Way>,
) -> Response {
    let notice = Notice { product: entry.map(product).unwrap_or_default(), title, body, ways, ..Notice::default() };
    let visit = asked.visit.clone();
    asked.page(status, || view! { <NoticePage visit notice/> })
}

/// On to what waits behind the payment. Whose money bought nothing is told so first, wherever they came from.
async fn go_on(asked: &Asked, placed: &Placed) -> Response {
    match asked.services().orders().is_unused(placed).await {
        Ok(true) => return came_late(asked, placed),
        Ok(false) => {}
        Err(error) => return asked.fail(error),
    }
    match &placed.destination {
        Destination::Flow(flow) => match flow.resume(asked.services()) {
            Ok(flow) => see_other(&ReturnTo::Flow(flow).path()),
            Err(error) => asked.fail(error),
        },
        Destination::Device { sealed } => match asked.services().device_codes().open(sealed) {
            Ok(code) => see_other(&ReturnTo::Device { code: Some(code) }.path()),
            Err(error) => asked.fail(error),
        },
        Destination::Application { success_url, .. } => see_other(success_url),
        Destination::Portal => see_other(&portal::done(Done::Paid)),
        Destination::Here => received(asked, placed.order.application_id, placed.order.quote.plan_id),
    }
}

/// The end of a bill that was paid by whoever had its address.
pub(super) fn received(asked: &Asked, application: ApplicationId, plan: PlanId) -> Response {
    let directory = asked.services().directory();
    let Some(entry) = directory.application(application) else { return wrong_link(asked) };
    let plan = entry.plan(plan).map(|plan| plan.name.to_string()).unwrap_or_default();
    let body = asked.visit.text().received_body(plan, &entry.application.settings.name);
    came(asked, entry, body, None)
}

/// Money came for nothing that could still be had.
fn came_late(asked: &Asked, placed: &Placed) -> Response {
    let directory = asked.services().directory();
    let Some(entry) = directory.application(placed.order.application_id) else { return wrong_link(asked) };
    let (text, name) = (asked.visit.text(), &entry.application.settings.name);
    let label = match placed.destination {
        Destination::Flow(_) | Destination::Device { .. } => text.start_again(),
        Destination::Portal => text.back_to_plan(),
        Destination::Application { .. } | Destination::Here => text.back_to(name),
    };
    let way = leave(asked, placed).map(|href| Way::new(label, href));
    came(asked, entry, text.received_late_body(name), way)
}

/// Money came. Without a way on it goes back to the application.
fn came(asked: &Asked, entry: &ApplicationEntry, body: String, way: Option<Way>) -> Response {
    let (text, settings) = (asked.visit.text(), &entry.application.settings);
    let back = || {
        let first = settings.return_urls.first().map(|url| url.as_str().to_owned());
        let back = first.or_else(|| settings.url.as_ref().map(|url| url.as_str().to_owned()));
        back.map(|url| Way::new(text.back_to(&settings.name), url))
    };
    let ways = way.or_else(back).into_iter().collect();
    notice(asked, Some(entry), StatusCode::OK, text.received_title(), body, ways)
}

/// Where somebody goes who does not pay.
fn leave(asked: &Asked, placed: &Placed) -> Option<String> {
    match &placed.destination {
        Destination::Flow(flow) => Some(route::with_flow(route::PLANS, &flow.resume(asked.services()).ok()?)),
        Destination::Device { sealed } => {
            let code = asked.services().device_codes().open(sealed).ok()?;
            Some(ReturnTo::Device { code: Some(code) }.by(route::PLANS))
        }
        Destination::Application { cancel_url, .. } => Some(cancel_url.clone()),
        Destination::Portal => Some(route::PORTAL.into()),
        Destination::Here => None,
    }
}

/// What is to be paid.
pub(super) struct Bill<'a> {
    pub quote: &'a Quote,
    pub mode: Option<Mode>,
    /// The code of the coupon that takes something off.
    pub coupon: Option<&'a str>,
    /// The number of the invoice that the quote is of.
    pub invoice: Option<String>,
}

/// It as a page shows it; `None` when the plan is gone.
pub(super) fn summary(asked: &Asked, entry: &ApplicationEntry, bill: Bill<'_>) -> Option<Summary> {
    let Bill { quote, mode, coupon, invoice } = bill;
    let plan = entry.plan(quote.plan_id)?;
    let price = plan.prices.iter().find(|price| Some(price.id) == quote.price_id);
    Some(Summary {
        plan: plan.name.to_string(),
        description: plan.description.to_string(),
        lines: lines(asked, entry, plan, price, quote, coupon),
        due: quote.due,
        interval: price.map_or(Interval::OneTime, |price| price.interval),
        next: quote.next,
        trial_ends: quote.trial_ends,
        is_test: mode == Some(Mode::Test),
        invoice,
    })
}

fn lines(
    asked: &Asked,
    entry: &ApplicationEntry,
    plan: &Plan,
    price: Option<&Price>,
    quote: &Quote,
    coupon: Option<&str>,
) -> Vec<SumLine> {
    let text = asked.visit.text();
    let trial = price.and_then(|price| price.trial_days).filter(|_| quote.trial_ends.is_some());
    let trial = trial.map(|days| SumLine { label: text.line_trial(days), amount: text.money(quote.due) });
    let name = |id| entry.plan(id).map_or_else(|| plan.name.to_string(), |plan| plan.name.to_string());
    let line = |line: &Line| SumLine {
        label: match line.kind {
            LineKind::Plan | LineKind::RemainingTime => text.line_plan(name(line.plan_id)),
            LineKind::UnusedTime => text.line_unused(name(line.plan_id)),
            LineKind::Discount => text.line_discount(coupon.unwrap_or_default()),
            LineKind::Credit => text.line_credit(),
        },
        amount: line.amount.format(text.locale()),
    };
    quote.lines.iter().map(line).chain(trial).collect()
}
