//! `/dashboard/{slug}/coupons`: every coupon, the form for a new one, and the archive.

use std::sync::Arc;

use domain::{
    Timestamp,
    billing::coupon::{Coupon, Duration, Off},
};
use leptos::prelude::*;
use service::{billing::coupons::CountedCoupon, directory::ApplicationEntry};

use super::form::CouponForm;
use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Dashboard, Frame, Section},
        list::{CELL, CardTable, HEAD, NAME},
    },
    i18n::Text,
    ui::{Badge, Button, EmptyState, ErrorSummary, Glyph, Look, Tone},
};

#[component]
pub fn CouponsPage(
    frame: Frame,
    entry: Arc<ApplicationEntry>,
    coupons: Vec<CountedCoupon>,
    now: Timestamp,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let list = if coupons.is_empty() {
        let (title, body) = (text.coupons_none_title(), text.coupons_none_body());
        view! { <EmptyState glyph=Glyph::Tag title body/> }.into_any()
    } else {
        view! { <List text entry=entry.clone() coupons now/> }.into_any()
    };
    let currency = frame.currency();
    view! {
        <Dashboard frame title=text.section_coupons() section=Section::Coupons>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            {list}
            <CouponForm text entry currency sent=sent.of("create")/>
        </Dashboard>
    }
}

/// `20 %`, `$5.00`.
pub fn takes(text: Text, off: Off) -> String {
    match off {
        Off::Percent(points) => text.coupon_off_percent(percent(text, points.get())),
        Off::Amount(money) => text.money(money),
    }
}

/// Hundredths of a percent as people write them: `12.5`, in Indonesian `12,5`.
fn percent(text: Text, points: u16) -> String {
    let (whole, rest) = (points / 100, points % 100);
    if rest == 0 {
        return whole.to_string();
    }
    let decimals = format!("{rest:02}");
    format!("{whole}{}{}", text.decimal_point(), decimals.trim_end_matches('0'))
}

pub fn lasts(text: Text, duration: Duration) -> String {
    match duration {
        Duration::Once => text.coupon_once(),
        Duration::Months(1) => text.coupon_for_month(),
        Duration::Months(months) => text.coupon_for_months(months),
        Duration::Forever => text.coupon_forever(),
    }
}

#[component]
fn Status(text: Text, coupon: Coupon, redeemed: u32, now: Timestamp) -> impl IntoView {
    let (tone, glyph, label) = if coupon.archived_at.is_some() {
        (Tone::Plain, Glyph::Archive, text.desk_coupon_archived())
    } else if coupon.expires_at.is_some_and(|at| at <= now) {
        (Tone::Plain, Glyph::Clock, text.desk_coupon_expired())
    } else if coupon.cap.is_some_and(|cap| cap <= redeemed) {
        (Tone::Warn, Glyph::Cross, text.desk_coupon_used_up())
    } else {
        (Tone::Good, Glyph::Check, text.coupon_on_offer())
    };
    view! { <Badge tone glyph=Some(glyph)>{label}</Badge> }
}

#[component]
fn List(text: Text, entry: Arc<ApplicationEntry>, coupons: Vec<CountedCoupon>, now: Timestamp) -> impl IntoView {
    let rows = coupons
        .into_iter()
        .map(|CountedCoupon { coupon, redeemed }| {
            let names: Vec<_> = coupon.plans.iter().map(|id| entry.plan_name(*id)).collect();
            let plans = if names.is_empty() { text.coupon_every_plan() } else { names.join(", ") };
            let count = coupon.cap.map_or_else(
                || redeemed.to_string(),
                |cap| text.coupon_redeemed_of(redeemed, cap),
            );
            let until = coupon.expires_at.map(|at| text.desk_ends_on(text.date(at)));
            let open = coupon.archived_at.is_none();
            let said = text.coupon_archive_of(&coupon.code);
            view! {
                <tr class="max-md:grid max-md:gap-0.5 max-md:p-4" role="row">
                    <th scope="row" class=HEAD role="rowheader">
                        <code class="font-medium">{coupon.code.to_string()}</code>
                        {until.map(|until| view! { <p class="text-sm text-muted">{until}</p> })}
                    </th>
                    <td class=CELL data-label=text.coupon_off() role="cell">
                        <div class="max-md:text-right">
                            <p class="tabular-nums">{takes(text, coupon.off)}</p>
                            <p class="text-sm text-muted">{lasts(text, coupon.duration)}</p>
                        </div>
                    </td>
                    <td class=CELL data-label=text.section_plans() role="cell"><p class=NAME>{plans}</p></td>
                    <td class=CELL data-label=text.coupon_redeemed() role="cell">{count}</td>
                    <td class=CELL data-label=text.status() role="cell">
                        <div class="flex flex-wrap items-center justify-end gap-3 md:justify-between">
                            <Status text coupon=coupon.clone() redeemed now/>
                            {open.then(|| view! {
                                <form method="post">
                                    <input type="hidden" name="coupon" value=coupon.id.to_string()/>
                                    <Button look=Look::Quiet small=true attr:name=ACTION attr:value="archive" attr:aria-label=said>
                                        {text.coupon_archive()}
                                    </Button>
                                </form>
                            })}
                        </div>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![text.coupon(), text.coupon_off(), text.section_plans(), text.coupon_redeemed(), text.status()];
    view! { <CardTable caption=text.section_coupons() columns>{rows}</CardTable> }
}
