// The official `stripe` package against the fake that the Rust tests use: what it sends is understood, what it reads
// is there, errors become its own classes, and each side accepts the other's signatures.
import assert from "node:assert/strict";
import { test } from "node:test";
import Stripe from "stripe";
import { notify, shop } from "./shop.mjs";

const { STRIPE_URL: url, STRIPE_KEY: key, STRIPE_WEBHOOK_SECRET: secret } = process.env;
const stripe = client(key);

function client(key, more = {}) {
  const { hostname: host, port } = new URL(url);
  return new Stripe(key, { host, port, protocol: "http", maxNetworkRetries: 0, telemetry: false, timeout: 2000, ...more });
}

async function act(verb, body = {}) {
  const answer = await fetch(`${url}/fake/${verb}`, { method: "POST", body: JSON.stringify(body) });
  const value = await answer.json();
  assert.ok(answer.ok, JSON.stringify(value));
  return value;
}

const day = 86_400;

async function monthly(amount = 2000, currency = "usd") {
  const product = await stripe.products.create({ name: "Pro", metadata: { plan: "pro" } });
  return stripe.prices.create({ product: product.id, currency, unit_amount: amount, recurring: { interval: "month" } });
}

async function subscribe(number = "4242424242424242", data = {}) {
  const price = await monthly();
  const customer = await stripe.customers.create({ email: "budi@example.com" });
  const session = await stripe.checkout.sessions.create({
    mode: "subscription",
    customer: customer.id,
    line_items: [{ price: price.id, quantity: 1 }],
    success_url: "https://app.example/?session={CHECKOUT_SESSION_ID}",
    cancel_url: "https://app.example/",
    subscription_data: { metadata: { order: "o1" }, ...data },
  });
  const entered = await act("enter_card", { session: session.id, number });
  return { price, customer, session, entered };
}

test("customers are made, changed, listed, paged and deleted", async () => {
  const made = await stripe.customers.create({ email: "a@example.com", name: "A", metadata: { user: "1" } });
  assert.equal(made.object, "customer");
  const changed = await stripe.customers.update(made.id, { metadata: { user: "", other: "2" } });
  assert.deepEqual({ ...changed.metadata }, { other: "2" });
  for (let i = 0; i < 3; i++) await stripe.customers.create({ email: "many@example.com" });
  const found = [];
  for await (const customer of stripe.customers.list({ email: "many@example.com", limit: 2 })) found.push(customer.id);
  assert.equal(new Set(found).size, 3);
  assert.equal((await stripe.customers.del(made.id)).deleted, true);
  assert.equal((await stripe.customers.retrieve(made.id)).deleted, true);
});

test("products and prices", async () => {
  const price = await monthly(9_900_000, "idr");
  assert.deepEqual([price.unit_amount, price.recurring.interval, price.type], [9_900_000, "month", "recurring"]);
  const { data } = await stripe.prices.list({ product: price.product, active: true });
  assert.deepEqual(data.map((one) => one.id), [price.id]);
  const expanded = await stripe.prices.retrieve(price.id, { expand: ["product"] });
  assert.equal(expanded.product.name, "Pro");
  assert.equal((await stripe.prices.update(price.id, { active: false })).active, false);
});

test("a subscription is bought, renewed, changed and canceled", async () => {
  const { session, entered } = await subscribe();
  assert.deepEqual(entered, { outcome: "paid", redirect: `https://app.example/?session=${session.id}` });
  const expand = ["subscription.latest_invoice.payments", "line_items"];
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand });
  assert.deepEqual([done.status, done.payment_status, done.amount_total], ["complete", "paid", 2000]);
  assert.equal(done.line_items.data[0].price.unit_amount, 2000);
  const subscription = done.subscription;
  assert.deepEqual([subscription.status, subscription.metadata.order], ["active", "o1"]);
  const [item] = subscription.items.data;
  assert.ok(item.current_period_end > item.current_period_start);
  const [payment] = subscription.latest_invoice.payments.data;
  const intent = await stripe.paymentIntents.retrieve(payment.payment.payment_intent, { expand: ["latest_charge"] });
  assert.deepEqual([intent.status, intent.amount_received, intent.latest_charge.paid], ["succeeded", 2000, true]);

  await act("clock", { seconds: 32 * day });
  const invoices = await stripe.invoices.list({ subscription: subscription.id });
  assert.deepEqual(invoices.data.map((one) => [one.billing_reason, one.status, one.amount_paid]), [
    ["subscription_cycle", "paid", 2000],
    ["subscription_create", "paid", 2000],
  ]);
  assert.equal(invoices.data[0].parent.subscription_details.subscription, subscription.id);

  const yearly = await stripe.prices.create({
    product: item.price.product, currency: "usd", unit_amount: 20_000, recurring: { interval: "year" },
  });
  const now = await stripe.subscriptions.retrieve(subscription.id);
  const changed = await stripe.subscriptions.update(subscription.id, {
    items: [{ id: item.id, price: yearly.id }],
    proration_behavior: "none",
    trial_end: now.items.data[0].current_period_end,
  });
  assert.deepEqual([changed.status, changed.items.data[0].price.id], ["trialing", yearly.id]);
  const waits = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  assert.equal(waits.cancel_at_period_end, true);
  const paused = await stripe.subscriptions.update(subscription.id, { pause_collection: { behavior: "void" } });
  assert.equal(paused.pause_collection.behavior, "void");
  assert.equal((await stripe.subscriptions.cancel(subscription.id)).status, "canceled");
});

test("a trial without a charge turns paid", async () => {
  const price = await monthly();
  const { now } = await act("clock");
  const session = await stripe.checkout.sessions.create({
    mode: "subscription",
    customer_email: "trial@example.com",
    line_items: [{ price: price.id, quantity: 1 }],
    success_url: "https://app.example/",
    subscription_data: { trial_end: now + 14 * day },
  });
  assert.equal(session.payment_status, "no_payment_required");
  await act("enter_card", { session: session.id, number: "4242424242424242" });
  const { subscription } = await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] });
  assert.equal(subscription.status, "trialing");
  await act("clock", { seconds: 15 * day });
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, "active");
});

test("payments, setups, portals and coupons", async () => {
  const coupon = await stripe.coupons.create({ percent_off: 25, duration: "once" });
  const session = await stripe.checkout.sessions.create({
    mode: "payment",
    line_items: [{ price_data: { currency: "usd", unit_amount: 1000, product_data: { name: "Once" } }, quantity: 1 }],
    discounts: [{ coupon: coupon.id }],
    payment_intent_data: { setup_future_usage: "off_session", metadata: { key: "k" } },
    customer_creation: "always",
    success_url: "https://app.example/",
  });
  assert.equal(session.amount_total, 750);
  assert.equal((await act("enter_card", { session: session.id, number: "4000000000000002" })).outcome, "declined");
  const asked = await act("enter_card", { session: session.id, number: "4000002500003155" });
  assert.equal(asked.outcome, "authenticate");
  assert.equal((await act("authenticate", { session: session.id, passed: true })).outcome, "paid");
  const { customer, payment_intent } = await stripe.checkout.sessions.retrieve(session.id, { expand: ["payment_intent"] });
  assert.equal(payment_intent.metadata.key, "k");
  const again = await stripe.paymentIntents.create({
    amount: 500, currency: "usd", customer, payment_method: payment_intent.payment_method, confirm: true, off_session: true,
  });
  assert.equal(again.status, "succeeded");
  const setup = await stripe.checkout.sessions.create({
    mode: "setup", customer, currency: "usd", success_url: "https://app.example/",
  });
  await act("enter_card", { session: setup.id, number: "5555555555554444" });
  const { setup_intent } = await stripe.checkout.sessions.retrieve(setup.id, { expand: ["setup_intent.payment_method"] });
  assert.equal(setup_intent.payment_method.card.last4, "4444");
  const methods = await stripe.customers.listPaymentMethods(customer);
  assert.equal(methods.data.length, 2);
  const portal = await stripe.billingPortal.sessions.create({ customer, return_url: "https://app.example/" });
  assert.match(portal.url, /^http/);
});

test("refunds and disputes", async () => {
  const intent = await stripe.paymentIntents.create({
    amount: 2000, currency: "usd", payment_method: "pm_card_visa", confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
  });
  const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
  assert.deepEqual([refund.status, refund.amount], ["succeeded", 500]);
  const charge = await stripe.charges.retrieve(intent.latest_charge);
  assert.deepEqual([charge.amount_refunded, charge.refunded], [500, false]);
  const { id } = await act("dispute", { payment_intent: intent.id });
  await act("decide", { dispute: id, won: false });
  assert.equal((await stripe.disputes.retrieve(id)).status, "lost");
  await assert.rejects(stripe.refunds.create({ payment_intent: intent.id }), { code: "charge_disputed" });
});

test("errors become the package's classes", async () => {
  const { errors } = Stripe;
  await assert.rejects(stripe.customers.retrieve("cus_none"), (error) => {
    assert.ok(error instanceof errors.StripeInvalidRequestError);
    return error.code === "resource_missing" && error.statusCode === 404;
  });
  await assert.rejects(stripe.customers.create({ nmae: "x" }), { code: "parameter_unknown", param: "nmae" });
  await assert.rejects(client("sk_test_wrong").balance.retrieve(), errors.StripeAuthenticationError);
  const declined = { amount: 500, currency: "usd", payment_method: "pm_card_visa_chargeDeclined", confirm: true };
  await assert.rejects(stripe.paymentIntents.create(declined), (error) => {
    assert.ok(error instanceof errors.StripeCardError);
    assert.equal(error.payment_intent.status, "requires_payment_method");
    return error.decline_code === "generic_decline" && error.statusCode === 402;
  });
  await act("fault", { request: "GET /v1/balance", fault: "limited" });
  await assert.rejects(stripe.balance.retrieve(), errors.StripeRateLimitError);
  await act("fault", { request: "GET /v1/balance", fault: "internal" });
  await assert.rejects(stripe.balance.retrieve(), errors.StripeAPIError);
  // The package itself asks once more when a kept connection ends.
  await act("fault", { request: "GET /v1/balance", fault: "answer_lost", times: 2 });
  await assert.rejects(stripe.balance.retrieve(), errors.StripeConnectionError);
});

test("idempotency keys and the package's own retries charge once", async () => {
  const wanted = { amount: 700, currency: "usd", payment_method: "pm_card_visa", confirm: true };
  const once = await stripe.paymentIntents.create(wanted, { idempotencyKey: "key-1" });
  assert.equal((await stripe.paymentIntents.create(wanted, { idempotencyKey: "key-1" })).id, once.id);
  const other = stripe.paymentIntents.create({ ...wanted, amount: 701 }, { idempotencyKey: "key-1" });
  await assert.rejects(other, Stripe.errors.StripeIdempotencyError);
  const retrying = client(key, { maxNetworkRetries: 3 });
  for (const fault of ["answer_lost", "still_running", "internal", "unavailable"]) {
    await act("fault", { request: "POST /v1/payment_intents", fault });
    const before = (await stripe.paymentIntents.list({ limit: 100 })).data.length;
    assert.equal((await retrying.paymentIntents.create(wanted)).status, "succeeded", fault);
    assert.equal((await stripe.paymentIntents.list({ limit: 100 })).data.length, before + 1, fault);
  }
});

test("test and live are two worlds", async () => {
  const customer = await stripe.customers.create({ name: "Test" });
  await assert.rejects(client("sk_live_fake").customers.retrieve(customer.id), {
    message: /a similar object exists in test mode/,
  });
});

test("the package accepts what the fake signs", async () => {
  await act("deliveries");
  await subscribe();
  const deliveries = await act("deliveries");
  const kinds = new Set(deliveries.map((one) => one.type));
  for (const kind of ["checkout.session.completed", "customer.subscription.created", "invoice.paid"]) {
    assert.ok(kinds.has(kind), kind);
  }
  const { now } = await act("clock");
  for (const { id, body, signature } of deliveries) {
    const event = await stripe.webhooks.constructEventAsync(body, signature, secret, 300, undefined, now * 1000);
    assert.deepEqual([event.id, event.object], [id, "event"]);
    const listed = await stripe.events.retrieve(id);
    assert.deepEqual(listed.data.object.id, event.data.object.id);
  }
  const [{ body, signature }] = deliveries;
  const altered = stripe.webhooks.constructEventAsync(`${body} `, signature, secret, 300, undefined, now * 1000);
  await assert.rejects(altered, Stripe.errors.StripeSignatureVerificationError);
});

test("our server hears what generateTestHeaderString signs, and nothing else", async () => {
  const { id } = await shop("stripe", { secretKey: "sk_test_4eC39HqLyjWDarjtT1zdp7dc", webhookSecret: secret });
  const path = `stripe/${id}`;
  const payload = JSON.stringify({
    id: `evt_${crypto.randomUUID()}`,
    object: "event",
    type: "customer.updated",
    livemode: false,
    data: { object: { id: "cus_9s6XKzkNRiz8i3", object: "customer", description: "Dwi é" } },
  });
  const sign = (more = {}) => stripe.webhooks.generateTestHeaderString({ payload, secret, ...more });
  const post = (header, body = payload) => notify(path, body, { "stripe-signature": header });
  assert.deepEqual(await post(sign()), [200, null]);
  assert.deepEqual(await post(sign()), [200, null], "told twice");
  const refused = [401, "AUTH_003"];
  // Every byte counts: of the body, also of one that reads the same, and of the signature.
  assert.deepEqual(await post(sign(), payload.replace("Dwi", "Dwj")), refused);
  assert.deepEqual(await post(sign(), ` ${payload}`), refused);
  assert.deepEqual(await post(sign().replace(/.$/, (last) => (last === "0" ? "1" : "0"))), refused);
  assert.deepEqual(await post(sign({ secret: "whsec_of_somebody_else" })), refused);
  assert.deepEqual(await post(sign({ timestamp: Math.floor(Date.now() / 1000) - 301 })), refused, "too old");
  assert.deepEqual(await post(sign({ scheme: "v0" })), refused);
  assert.deepEqual(await notify(path, payload), refused, "not signed");
  const other = await shop("stripe", { secretKey: "sk_test_4eC39HqLyjWDarjtT1zdp7dc", webhookSecret: "whsec_other" });
  assert.deepEqual(await notify(`stripe/${other.id}`, payload, { "stripe-signature": sign() }), refused);
});
