//! `/dashboard/{slug}/coupons`.

use std::sync::Arc;

use app::admin::{
    coupons::list::CouponsPage,
    form::{Errors, Sent, Values},
    frame::Done,
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    Currency, ErrorCode, FieldError, Flaw, Locale, Money, Problem,
    billing::coupon::{BasisPoints, CouponCode, Duration, Off},
    id::PlanId,
    route,
};
use leptos::prelude::*;
use service::{billing::coupons::NewCoupon, directory::ApplicationEntry};

use super::{
    desk::{Answer, Desk, Posted, Refused, done, unknown_action},
    moment::moment,
};
use crate::pages::asked::Fields;

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    page(&desk, entry, StatusCode::OK, Sent::default()).await
}

async fn page(desk: &Desk, entry: Arc<ApplicationEntry>, status: StatusCode, sent: Sent) -> Answer {
    let coupons = desk.try_to(desk.services().coupons().list(desk.ctx(), entry.application.id).await)?;
    let now = entry.billing_time(desk.services().now());
    let frame = desk.frame(Some(entry.clone())).await?;
    Ok(desk.asked.page(status, || view! { <CouponsPage frame entry coupons now sent/> }))
}

pub async fn submit(desk: Desk, Path(slug): Path<String>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    match act(&desk, &entry, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = posted.again(&desk, refused)?;
            page(&desk, entry, status, sent).await
        }
    }
}

async fn act(desk: &Desk, entry: &ApplicationEntry, posted: &Posted) -> Result<Response, Refused> {
    let (coupons, ctx, application) = (desk.services().coupons(), desk.ctx(), entry.application.id);
    let told = match posted.action() {
        "create" => {
            let new = parse(&posted.values, desk.locale())?;
            coupons.create(ctx, application, new).await?;
            Done::CouponMade
        }
        "archive" => {
            let id = posted.values.get("coupon").parse().map_err(|_| Problem::from(ErrorCode::PlanNotFound))?;
            coupons.archive(ctx, application, id).await?;
            Done::CouponArchived
        }
        _ => return Err(unknown_action()),
    };
    Ok(done(&route::dashboard(entry.application.slug.as_str(), "coupons"), told))
}

fn parse(values: &Values, locale: Locale) -> Result<NewCoupon, Vec<FieldError>> {
    let mut errors = Errors::default();
    let code = errors.take("code", CouponCode::parse(values.get("code")));
    let off = off(&mut errors, values, locale);
    let duration = match values.get("lasts") {
        "forever" => Some(Duration::Forever),
        "months" => {
            let months = values.get("months").trim().parse().unwrap_or_default();
            let flaw = |_| Flaw::Between { min: 1, max: Duration::MAX_MONTHS.into() };
            errors.take("months", Duration::months(months).map_err(flaw))
        }
        _ => Some(Duration::Once),
    };
    let cap = values.filled("cap").map(|text| text.parse().ok().filter(|cap| *cap > 0));
    let cap = cap.map(|cap: Option<u32>| cap.ok_or(Flaw::Between { min: 1, max: u32::MAX.into() }));
    let cap = cap.and_then(|cap| errors.take("cap", cap));
    let expires_at = values.filled("expiry").and_then(|text| errors.take("expiry", moment(text)));
    let plans = values.all("plan").map(|id| id.parse::<PlanId>().map_err(|_| Flaw::ForeignPlan)).collect();
    let plans: Option<Vec<_>> = errors.take("plans", plans);
    match (code, off, duration, plans) {
        (Some(code), Some(off), Some(duration), Some(plans)) if errors.0.is_empty() => {
            Ok(NewCoupon { code, off, duration, cap, expires_at, plans })
        }
        _ => Err(errors.0),
    }
}

fn off(errors: &mut Errors, values: &Values, locale: Locale) -> Option<Off> {
    if values.get("off") == "amount" {
        let currency =
            errors.take("currency", Currency::parse(values.get("currency").trim()).map_err(|_| Flaw::Currency))?;
        let money = Money::from_typed(values.get("off_amount"), currency, locale);
        let above = money.and_then(|money| if money.is_zero() { Err(Flaw::Required) } else { Ok(money) });
        return errors.take("off_amount", above).map(Off::Amount);
    }
    let points = hundredths(values.get("percent"), locale).and_then(|points| BasisPoints::parse(points).ok());
    errors.take("percent", points.ok_or(Flaw::Percent)).map(Off::Percent)
}

/// `12.5`, in Indonesian `12,5`, as hundredths.
fn hundredths(text: &str, locale: Locale) -> Option<i64> {
    let point = if locale == Locale::Id { ',' } else { '.' };
    let text = text.trim().trim_end_matches('%').trim_end();
    let (whole, rest) = text.split_once(point).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || rest.len() > 2 || !digits(whole) || !digits(rest) {
        return None;
    }
    format!("{whole}{rest:0<2}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_as_the_language_writes_it() {
        let read = |text| hundredths(text, Locale::En);
        assert_eq!(
            (read("20"), read("12.5"), read("0.01 %"), read("100")),
            (Some(2000), Some(1250), Some(1), Some(10_000))
        );
        assert_eq!((read("12,5"), read(""), read("-1"), read("1.234"), read("1e2")), (None, None, None, None, None));
        assert_eq!(hundredths("12,5", Locale::Id), Some(1250));
    }
}
