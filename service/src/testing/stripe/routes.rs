//! Every request that the fake knows, with the parameters it takes. Another parameter is refused, as Stripe does.

use http::{Method, StatusCode};
use serde_json::Value;

use super::{
    account,
    book::Book,
    catalog, customers,
    form::Params,
    invoice_items, invoices, methods, payments,
    refusal::{Answered, Refusal},
    sessions, subscriptions,
};

type Handler = fn(&mut Book, &[&str], &Params) -> Answered<Value>;

struct Route(Method, &'static str, Handler, &'static str);

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const DELETE: Method = Method::DELETE;
const PAGE: &str = "limit starting_after ending_before created";

const CUSTOMER: &str = "email name phone description metadata payment_method invoice_settings balance address \
    preferred_locales shipping tax_exempt test_clock";
const SESSION: &str = "mode line_items success_url cancel_url customer customer_email customer_creation \
    client_reference_id metadata subscription_data payment_intent_data setup_intent_data discounts \
    allow_promotion_codes expires_at payment_method_types payment_method_collection locale currency ui_mode \
    invoice_creation billing_address_collection automatic_tax submit_type customer_update return_url custom_text \
    saved_payment_method_options payment_method_options";
const SUBSCRIPTION: &str = "items metadata description default_payment_method trial_end proration_behavior \
    cancel_at_period_end cancel_at pause_collection payment_behavior billing_cycle_anchor discounts off_session \
    cancellation_details trial_settings proration_date days_until_due collection_method payment_settings";
const NEW_SUBSCRIPTION: &str = "customer items metadata description default_payment_method trial_end \
    trial_period_days proration_behavior cancel_at_period_end payment_behavior discounts off_session currency \
    trial_settings collection_method payment_settings";
const INTENT: &str = "amount currency customer payment_method confirm off_session setup_future_usage metadata \
    description receipt_email automatic_payment_methods return_url payment_method_types statement_descriptor_suffix \
    confirmation_method capture_method error_on_requires_action";

const ROUTES: &[Route] = &[
    Route(GET, "/v1/account", account::account, ""),
    Route(GET, "/v1/balance", account::balance, ""),
    Route(
        GET,
        "/v1/events",
        account::list_events,
        "type types delivery_success limit starting_after ending_before created",
    ),
    Route(GET, "/v1/events/*", account::get_event, ""),
    Route(POST, "/v1/customers", customers::create, CUSTOMER),
    Route(GET, "/v1/customers", customers::list, "email limit starting_after ending_before created"),
    Route(GET, "/v1/customers/*", customers::get, ""),
    Route(POST, "/v1/customers/*", customers::update, CUSTOMER),
    Route(DELETE, "/v1/customers/*", customers::delete, ""),
    Route(
        POST,
        "/v1/customers/*/balance_transactions",
        customers::create_balance,
        "amount currency description metadata",
    ),
    Route(GET, "/v1/customers/*/balance_transactions", customers::list_balance, PAGE),
    Route(GET, "/v1/customers/*/payment_methods", methods::list_methods, "type limit starting_after ending_before"),
    Route(
        POST,
        "/v1/billing_portal/sessions",
        customers::create_portal,
        "customer return_url flow_data configuration locale",
    ),
    Route(
        POST,
        "/v1/products",
        catalog::create_product,
        "id name active description metadata unit_label url \
        statement_descriptor tax_code images marketing_features",
    ),
    Route(GET, "/v1/products", catalog::list_products, "active ids limit starting_after ending_before created"),
    Route(GET, "/v1/products/*", catalog::get_product, ""),
    Route(
        POST,
        "/v1/products/*",
        catalog::update_product,
        "name active description metadata unit_label url \
        default_price tax_code images marketing_features",
    ),
    Route(DELETE, "/v1/products/*", catalog::delete_product, ""),
    Route(
        POST,
        "/v1/prices",
        catalog::create_price,
        "currency unit_amount unit_amount_decimal product product_data \
        recurring active nickname lookup_key transfer_lookup_key metadata tax_behavior billing_scheme",
    ),
    Route(
        GET,
        "/v1/prices",
        catalog::list_prices,
        "active product type currency lookup_keys recurring limit \
        starting_after ending_before created",
    ),
    Route(GET, "/v1/prices/*", catalog::get_price, ""),
    Route(
        POST,
        "/v1/prices/*",
        catalog::update_price,
        "active nickname lookup_key metadata transfer_lookup_key tax_behavior",
    ),
    Route(
        POST,
        "/v1/coupons",
        catalog::create_coupon,
        "id percent_off amount_off currency duration \
        duration_in_months max_redemptions redeem_by name applies_to metadata",
    ),
    Route(GET, "/v1/coupons", catalog::list_coupons, PAGE),
    Route(GET, "/v1/coupons/*", catalog::get_coupon, ""),
    Route(DELETE, "/v1/coupons/*", catalog::delete_coupon, ""),
    Route(POST, "/v1/checkout/sessions", sessions::create, SESSION),
    Route(
        GET,
        "/v1/checkout/sessions",
        sessions::list_all,
        "customer payment_intent subscription status limit \
        starting_after ending_before created",
    ),
    Route(GET, "/v1/checkout/sessions/*", sessions::get, ""),
    Route(POST, "/v1/checkout/sessions/*/expire", sessions::expire_now, ""),
    Route(GET, "/v1/checkout/sessions/*/line_items", sessions::line_items, PAGE),
    Route(POST, "/v1/subscriptions", subscriptions::requests::create, NEW_SUBSCRIPTION),
    Route(
        GET,
        "/v1/subscriptions",
        subscriptions::requests::list_all,
        "customer price status limit starting_after \
        ending_before created collection_method",
    ),
    Route(GET, "/v1/subscriptions/*", subscriptions::requests::get, ""),
    Route(POST, "/v1/subscriptions/*", subscriptions::requests::update, SUBSCRIPTION),
    Route(DELETE, "/v1/subscriptions/*", subscriptions::requests::cancel, "invoice_now prorate cancellation_details"),
    Route(
        POST,
        "/v1/subscriptions/*/resume",
        subscriptions::requests::resume,
        "billing_cycle_anchor proration_behavior",
    ),
    Route(
        GET,
        "/v1/invoices",
        invoices::list_all,
        "customer subscription status collection_method limit \
        starting_after ending_before created",
    ),
    Route(GET, "/v1/invoices/*", invoices::get, ""),
    Route(POST, "/v1/invoices/*/pay", invoices::pay, "payment_method off_session paid_out_of_band forgive"),
    Route(POST, "/v1/invoices/*/finalize", invoices::finalize_now, "auto_advance"),
    Route(POST, "/v1/invoices/*/void", invoices::void_now, ""),
    Route(POST, "/v1/invoices/*/mark_uncollectible", invoices::give_up, ""),
    Route(
        POST,
        "/v1/invoiceitems",
        invoice_items::create,
        "customer invoice amount currency description discountable metadata",
    ),
    Route(
        GET,
        "/v1/invoice_payments",
        invoices::list_payments,
        "invoice payment status limit starting_after \
        ending_before created",
    ),
    Route(GET, "/v1/invoice_payments/*", invoices::get_payment, ""),
    Route(POST, "/v1/payment_intents", payments::requests::create_intent, INTENT),
    Route(
        GET,
        "/v1/payment_intents",
        payments::requests::list_intents,
        "customer limit starting_after ending_before created",
    ),
    Route(GET, "/v1/payment_intents/*", payments::requests::get_intent, "client_secret"),
    Route(POST, "/v1/payment_intents/*", payments::requests::update_intent, "description metadata receipt_email"),
    Route(
        POST,
        "/v1/payment_intents/*/confirm",
        payments::requests::confirm_intent,
        "payment_method off_session return_url",
    ),
    Route(POST, "/v1/payment_intents/*/cancel", payments::requests::cancel_intent, "cancellation_reason"),
    Route(
        GET,
        "/v1/charges",
        payments::requests::list_charges,
        "customer payment_intent limit starting_after ending_before created",
    ),
    Route(GET, "/v1/charges/*", payments::requests::get_charge, ""),
    Route(POST, "/v1/refunds", payments::requests::create_refund, "charge payment_intent amount reason metadata"),
    Route(
        GET,
        "/v1/refunds",
        payments::requests::list_refunds,
        "charge payment_intent limit starting_after ending_before created",
    ),
    Route(GET, "/v1/refunds/*", payments::requests::get_refund, ""),
    Route(
        GET,
        "/v1/disputes",
        payments::requests::list_disputes,
        "charge payment_intent limit starting_after ending_before created",
    ),
    Route(GET, "/v1/disputes/*", payments::requests::get_dispute, ""),
    Route(POST, "/v1/disputes/*/close", payments::requests::close_dispute, ""),
    Route(GET, "/v1/customers/*/payment_methods/*", methods::get_of_customer, ""),
    Route(POST, "/v1/payment_methods", methods::create_method, "type card billing_details metadata"),
    Route(GET, "/v1/payment_methods", methods::list_methods, "customer type limit starting_after ending_before"),
    Route(GET, "/v1/payment_methods/*", methods::get_method, ""),
    Route(POST, "/v1/payment_methods/*/attach", methods::attach, "customer"),
    Route(POST, "/v1/payment_methods/*/detach", methods::detach, ""),
    Route(
        POST,
        "/v1/setup_intents",
        methods::create_setup,
        "customer payment_method confirm usage metadata \
        description payment_method_types automatic_payment_methods return_url",
    ),
    Route(GET, "/v1/setup_intents/*", methods::get_setup, ""),
];

/// The ids in a path that a route fits.
fn fits<'a>(pattern: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    let fits = pattern.len() == path.len()
        && pattern.iter().zip(&path).all(|(part, given)| *part == "*" && !given.is_empty() || part == given);
    let ids = || pattern.iter().zip(&path).filter(|(part, _)| **part == "*").map(|(_, id)| *id).collect();
    fits.then(ids)
}

/// Answers one request of an account.
pub(super) fn answer(book: &mut Book, method: &Method, path: &str, params: &Params) -> Answered<Value> {
    for Route(verb, pattern, handler, known) in ROUTES {
        let Some(ids) = (verb == method).then(|| fits(pattern, path)).flatten() else { continue };
        if let Some(name) = params.unknown(known) {
            let message = format!("Received unknown parameter: {name}");
            return Err(Refusal::invalid(&message).code("parameter_unknown").param(name));
        }
        let mut body = handler(book, &ids, params)?;
        for path in params.texts("expand") {
            book.expand(&mut body, path)?;
        }
        return Ok(body);
    }
    let message = format!(
        "Unrecognized request URL ({method}: {path}). If you are trying to list objects, remove the trailing slash. If \
         you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code."
    );
    Err(Refusal { status: StatusCode::NOT_FOUND, ..Refusal::invalid(&message) })
}
