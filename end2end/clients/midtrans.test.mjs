// Midtrans's own client for Node against our stand-in for Midtrans: what the client sends is understood, and what the
// stand-in answers and notifies is what the client expects.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import midtrans from "midtrans-client";
import { call, notify, shop } from "./shop.mjs";

const url = process.env.MIDTRANS_URL;
const serverKey = process.env.MIDTRANS_KEY;
const clientKey = serverKey.replace("server", "client");
const hosts = ["https://app.sandbox.midtrans.com", "https://api.sandbox.midtrans.com"];

/// The client with its requests sent to the stand-in: it lets its HTTP client be intercepted.
function client(kind, key = serverKey) {
  const made = new midtrans[kind]({ isProduction: false, serverKey: key, clientKey });
  made.httpClient.http_client.interceptors.request.use((config) => {
    const host = hosts.find((host) => config.url.startsWith(`${host}/`));
    assert.ok(host, `${config.url} is none of Midtrans's`);
    return { ...config, url: url + config.url.slice(host.length), proxy: false };
  });
  return made;
}

const snap = client("Snap");
const core = client("CoreApi");
const order = () => `order-${crypto.randomUUID()}`;
const details = (order_id, gross_amount = 99000) => ({ transaction_details: { order_id, gross_amount } });
const refused = (code) => (error) => {
  assert.ok(error instanceof midtrans.MidtransError, String(error));
  assert.equal(Number(error.httpStatusCode), code);
  return true;
};

async function control(path, body) {
  const answer = await fetch(`${url}/fake/${path}`, body && { method: "POST", body: JSON.stringify(body) });
  const value = await answer.json();
  assert.ok(answer.ok, JSON.stringify(value));
  return value;
}
const act = (order_id, step, rest = {}) => control("act", { order_id, step, ...rest });

/// What Midtrans would post about an order, signatures checked.
async function notifications(order_id) {
  const all = (await control("notifications")).map((body) => JSON.parse(body));
  return all.filter((body) => {
    if (body.order_id !== order_id) return false;
    const text = body.order_id + body.status_code + body.gross_amount + serverKey;
    assert.equal(body.signature_key, createHash("sha512").update(text).digest("hex"));
    assert.equal(body.gross_amount, Number(body.gross_amount).toFixed(2));
    assert.match(body.transaction_time, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    return true;
  });
}

test("a page is made once its order makes sense, and only with the right key", async () => {
  const order_id = order();
  const page = await snap.createTransaction({ ...details(order_id), credit_card: { secure: true } });
  assert.ok(page.redirect_url.endsWith(`/snap/v4/redirection/${page.token}`));
  assert.ok(await snap.createTransactionToken(details(order_id)), "another page while nothing is being paid");
  await act(order_id, "begin", { means: "bca_va" });
  await assert.rejects(snap.createTransaction(details(order_id)), refused(400));
  await assert.rejects(snap.createTransaction(details(order(), 99000.5)), refused(400));
  await assert.rejects(snap.createTransaction(details("a b")), refused(400));
  const wrong = { ...details(order()), item_details: [{ id: "a", name: "Pro", price: 1, quantity: 1 }] };
  await assert.rejects(snap.createTransaction(wrong), refused(400));
  await assert.rejects(client("Snap", "SB-Mid-server-wrong").createTransaction(details(order())), refused(401));
  await assert.rejects(client("CoreApi", "SB-Mid-server-wrong").transaction.status(order_id), refused(401));
});

for (const [means, type, field] of [
  ["bca_va", "bank_transfer", (body) => body.va_numbers[0].bank === "bca"],
  ["bni_va", "bank_transfer", (body) => body.va_numbers[0].bank === "bni"],
  ["bri_va", "bank_transfer", (body) => body.va_numbers[0].bank === "bri"],
  ["permata_va", "bank_transfer", (body) => body.permata_va_number],
  ["echannel", "echannel", (body) => body.bill_key && body.biller_code],
  ["qris", "qris", (body) => body.acquirer === "gopay"],
  ["gopay", "gopay", (body) => body.currency === "IDR"],
  ["shopeepay", "shopeepay", (body) => body.shopeepay_reference_number],
]) {
  test(`${means} waits, is paid, and the client reads both notifications`, async () => {
    const order_id = order();
    await snap.createTransaction(details(order_id));
    await assert.rejects(snap.transaction.status(order_id), refused(404));
    await act(order_id, "begin", { means });
    await act(order_id, "complete");
    const [pending, settled] = await notifications(order_id);
    assert.deepEqual([pending.transaction_status, pending.status_code], ["pending", "201"]);
    assert.deepEqual([settled.transaction_status, settled.status_code], ["settlement", "200"]);
    assert.ok(field(pending) && settled.settlement_time);
    const status = await snap.transaction.notification(JSON.stringify(pending));
    assert.equal(status.transaction_status, "settlement", "the answer is newer than the notification");
    assert.equal(status.payment_type, type);
    assert.equal(status.gross_amount, "99000.00");
  });
}

test("a card is captured, and settled with the next day's batch", async () => {
  const order_id = order();
  await snap.createTransaction({ ...details(order_id), credit_card: { secure: true, save_card: true }, user_id: "u1" });
  await act(order_id, "begin", { means: "credit_card" });
  await act(order_id, "complete");
  const paid = await core.transaction.status(order_id);
  assert.deepEqual([paid.transaction_status, paid.fraud_status, paid.status_code], ["capture", "accept", "200"]);
  assert.equal(paid.masked_card, "48111111-1114");
  assert.equal(paid.saved_token_id, undefined, "only the notification names it");
  const { saved_token_id: token } = (await notifications(order_id)).at(-1);
  await assert.rejects(core.transaction.refund(order_id, { refund_key: "a", amount: 1000 }), refused(412));
  await control("clock", { seconds: 2 * 86400 });
  assert.equal((await core.transaction.status(order_id)).transaction_status, "settlement");

  const again = order();
  const renewed = await core.charge({
    payment_type: "credit_card",
    ...details(again, 49000),
    credit_card: { token_id: token, initiated_by: "merchant" },
  });
  assert.deepEqual([renewed.transaction_status, renewed.gross_amount], ["capture", "49000.00"]);
  const charge = { payment_type: "credit_card", ...details(again), credit_card: { token_id: token } };
  await assert.rejects(core.charge(charge), refused(406));
  charge.transaction_details.order_id = order();
  charge.credit_card.token_id = "unknown";
  await assert.rejects(core.charge(charge), refused(411));
});

test("a card of the browser's is charged once", async () => {
  const card = { card_number: "4811 1111 1111 1114", card_cvv: "123", card_exp_month: 12, card_exp_year: 2030 };
  const { token_id } = await core.cardToken({ ...card, client_key: clientKey });
  await assert.rejects(core.cardToken({ ...card, card_number: "4811111111111115", client_key: clientKey }), refused(400));
  const charge = (order_id) => ({ payment_type: "credit_card", ...details(order_id), credit_card: { token_id } });
  assert.equal((await core.charge(charge(order()))).status_code, "200");
  await assert.rejects(core.charge(charge(order())), refused(411));
});

test("one Idempotency-Key is one charge", async () => {
  const careful = client("CoreApi");
  careful.httpClient.http_client.defaults.headers.common["Idempotency-Key"] = crypto.randomUUID();
  const charge = { payment_type: "qris", ...details(order()) };
  const first = await careful.charge(charge);
  assert.equal((await careful.charge(charge)).transaction_id, first.transaction_id);
  await assert.rejects(core.charge(charge), refused(406));
});

test("fraud detection questions a card: approved, denied, or cancelled with the batch", async () => {
  const questioned = async () => {
    const order_id = order();
    await snap.createTransaction({ ...details(order_id), credit_card: { secure: true } });
    await act(order_id, "begin", { means: "credit_card" });
    await act(order_id, "challenge");
    const status = await core.transaction.status(order_id);
    assert.deepEqual([status.transaction_status, status.fraud_status, status.status_code], ["capture", "challenge", "201"]);
    return order_id;
  };
  const approved = await core.transaction.approve(await questioned());
  assert.deepEqual([approved.status_code, approved.fraud_status], ["200", "accept"]);
  const order_id = await questioned();
  const denied = await core.transaction.deny(order_id);
  assert.deepEqual([denied.transaction_status, denied.fraud_status, denied.status_code], ["deny", "deny", "202"]);
  await assert.rejects(core.transaction.approve(order_id), refused(412));
  const left = await questioned();
  await control("clock", { seconds: 2 * 86400 });
  assert.equal((await core.transaction.status(left)).transaction_status, "cancel");
});

test("money is given back in parts, never twice for one key, never more than came", async () => {
  const order_id = order();
  await snap.createTransaction(details(order_id));
  await act(order_id, "begin", { means: "gopay" });
  await act(order_id, "complete");
  const refund = await core.transaction.refund(order_id, { refund_key: "r1", amount: 9000, reason: "part" });
  assert.deepEqual([refund.transaction_status, refund.refund_amount], ["partial_refund", "9000.00"]);
  await assert.rejects(core.transaction.refund(order_id, { refund_key: "r1", amount: 9000 }), refused(406));
  await assert.rejects(core.transaction.refund(order_id, { refund_key: "r2", amount: 90001 }), refused(414));
  await core.transaction.refundDirect(order_id, { refund_key: "r2", amount: 90000 });
  const status = await core.transaction.status(order_id);
  assert.deepEqual([status.transaction_status, status.refund_amount], ["refund", "99000.00"]);
  assert.deepEqual(status.refunds.map((refund) => refund.refund_key), ["r1", "r2"]);
  const told = (await notifications(order_id)).map((body) => body.transaction_status);
  assert.deepEqual(told, ["pending", "settlement", "partial_refund", "refund"]);
  assert.equal(await act(order_id, "charge_back").then(() => "done", () => "refused"), "refused");
});

test("what nobody pays expires; it can be expired or cancelled before", async () => {
  const [late, expired, canceled] = [order(), order(), order()];
  for (const order_id of [late, expired, canceled]) {
    await snap.createTransaction({ ...details(order_id), expiry: { unit: "minutes", duration: 30 } });
    await act(order_id, "begin", { means: "bni_va" });
  }
  const closed = await core.transaction.expire(expired);
  assert.deepEqual([closed.transaction_status, closed.status_code], ["expire", "407"]);
  assert.equal(closed.status_message, "Success, transaction has expired");
  await assert.rejects(core.transaction.expire(expired), refused(412));
  await assert.rejects(core.transaction.expire(order()), refused(404));
  assert.equal((await core.transaction.cancel(canceled)).transaction_status, "cancel");
  await assert.rejects(core.transaction.cancel(canceled), refused(412));
  await control("clock", { seconds: 1801 });
  const status = await core.transaction.status(late);
  assert.deepEqual([status.transaction_status, status.status_code], ["expire", "407"]);
  assert.deepEqual((await notifications(late)).map((body) => body.status_code), ["201", "202"]);
  await act(late, "pay_late");
  assert.equal((await core.transaction.status(late)).transaction_status, "settlement");
});

test("what is paid expires no more", async () => {
  for (const means of ["credit_card", "qris"]) {
    const order_id = order();
    await snap.createTransaction(details(order_id));
    await act(order_id, "begin", { means });
    if (means === "qris") await act(order_id, "complete");
    await assert.rejects(core.transaction.expire(order_id), refused(412));
    assert.ok(["capture", "settlement"].includes((await core.transaction.status(order_id)).transaction_status));
  }
});

test("a page is canceled until somebody has chosen how to pay", async () => {
  // The client has no call for it, but the way to make one.
  const cancel = (token) => {
    const path = `${snap.apiConfig.getSnapApiBaseUrl()}/transactions/${token}/cancel`;
    return snap.httpClient.request("post", serverKey, path, {});
  };
  const [untouched, chosen] = [order(), order()];
  const { token, redirect_url } = await snap.createTransaction(details(untouched));
  assert.ok((await cancel(token)).canceled_at);
  await assert.rejects(cancel(token), refused(400));
  assert.equal((await fetch(redirect_url)).status, 404);
  await assert.rejects(act(untouched, "begin", { means: "qris" }));
  const page = await snap.createTransaction(details(chosen));
  await act(chosen, "begin", { means: "qris" });
  await assert.rejects(cancel(page.token), refused(400));
  await assert.rejects(cancel(crypto.randomUUID()), refused(404));
});

test("a dispute shows as chargeback", async () => {
  const order_id = order();
  await snap.createTransaction(details(order_id));
  await act(order_id, "begin", { means: "credit_card" });
  await act(order_id, "charge_back", { amount: 9000 });
  assert.equal((await core.transaction.status(order_id)).transaction_status, "partial_chargeback");
  await act(order_id, "charge_back");
  assert.equal((await core.transaction.status(order_id)).transaction_status, "chargeback");
});

test("a GoPay account is linked, charged, short of money, and unlinked", async () => {
  const partner = { phone_number: "81212345678", country_code: "62", redirect_url: "https://app.example" };
  const linking = await core.linkPaymentAccount({ payment_type: "gopay", gopay_partner: partner });
  assert.deepEqual([linking.account_status, linking.status_code], ["PENDING", "201"]);
  await control("link", { account_id: linking.account_id, linked: true });
  const account = await core.getPaymentAccount(linking.account_id);
  const wallet = account.metadata.payment_options.find((option) => option.name === "GOPAY_WALLET" && option.active);
  const charge = (amount) => ({
    payment_type: "gopay",
    ...details(order(), amount),
    gopay: { account_id: account.account_id, payment_option_token: wallet.token, recurring: true },
  });
  assert.equal((await core.charge(charge(99000))).transaction_status, "settlement");
  const short = await core.charge(charge(2_000_000_000));
  assert.deepEqual([short.transaction_status, short.channel_response_message], ["deny", "Insufficient Balance"]);
  assert.equal((await core.unlinkPaymentAccount(account.account_id)).status_code, "204");
  await assert.rejects(core.charge(charge(99000)), refused(402));
});

test("subscriptions charge when they are due, until they are disabled", async () => {
  const order_id = order();
  await snap.createTransaction({ ...details(order_id), credit_card: { secure: true, save_card: true }, user_id: "u2" });
  await act(order_id, "begin", { means: "credit_card" });
  await act(order_id, "complete");
  const { saved_token_id: token } = (await notifications(order_id)).at(-1);
  const wanted = {
    name: "MONTHLY",
    amount: "99000",
    currency: "IDR",
    payment_type: "credit_card",
    token,
    schedule: { interval: 1, interval_unit: "month", max_interval: 12 },
    customer_details: { first_name: "Budi", email: "budi@example.com" },
  };
  await assert.rejects(core.createSubscription({ ...wanted, amount: undefined }), refused(400));
  const made = await core.createSubscription(wanted);
  assert.equal(made.status, "active");
  const count = async () => (await core.getSubscription(made.id)).transaction_ids.length;
  assert.equal(await count(), 1);
  await control("clock", { seconds: 32 * 86400 });
  assert.equal(await count(), 2);
  await core.updateSubscription(made.id, { name: "MONTHLY", amount: "49000", currency: "IDR", token });
  assert.equal((await core.getSubscription(made.id)).amount, "49000");
  await core.disableSubscription(made.id);
  await control("clock", { seconds: 32 * 86400 });
  assert.equal(await count(), 2);
  await core.enableSubscription(made.id);
  await assert.rejects(core.getSubscription("unknown"), refused(404));
});

test("trouble looks like trouble", async () => {
  for (const [fault, code] of [["limited", 429], ["internal", 500], ["unavailable", 503]]) {
    await control("fault", { path: "/status", fault });
    await assert.rejects(core.transaction.status(order()), refused(code));
  }
  const order_id = order();
  await control("fault", { path: "/v2/charge", fault: "answer_lost" });
  await assert.rejects(core.charge({ payment_type: "qris", ...details(order_id) }), refused(0));
  assert.equal((await core.transaction.status(order_id)).transaction_status, "pending", "the work was done");
});

test("our server hears what is signed as documented, and nothing else", async () => {
  const key = "SB-Mid-server-GwUP_WGbJPXsDzsNEBRs8IYA";
  const { id, basic, back } = await shop("midtrans", { secretKey: key });
  const { plan } = await call("POST", `admin/applications/${id}/plans`, { name: "Pro", features: {} });
  const price = { name: "Bulanan", amount: 9_900_000, currency: "idr", interval: "month" };
  await call("POST", `admin/applications/${id}/plans/${plan.id}/prices`, price);
  const { user } = await call("POST", "admin/users", { email: `${crypto.randomUUID()}@example.com` });
  await call("POST", `admin/applications/${id}/users`, { userId: user.id });
  const wanted = { end_user_id: user.id, plan: plan.key, success_url: back, cancel_url: back };
  const { order_id } = await call("POST", "platform/checkout/sessions", wanted, basic);
  const told = (change = {}, signedWith = key) => {
    const body = {
      transaction_time: "2026-11-21 18:00:00",
      transaction_status: "settlement",
      transaction_id: crypto.randomUUID(),
      status_message: "midtrans payment notification",
      status_code: "200",
      payment_type: "qris",
      order_id,
      merchant_id: "G141532850",
      gross_amount: "99000.00",
      fraud_status: "accept",
      currency: "IDR",
    };
    const signed = body.order_id + body.status_code + body.gross_amount + signedWith;
    const signature_key = createHash("sha512").update(signed).digest("hex");
    return JSON.stringify({ ...body, signature_key, ...change });
  };
  const right = told();
  assert.deepEqual(await notify("midtrans", right), [200, null]);
  assert.deepEqual(await notify("midtrans", right), [200, null], "told twice");
  const refused = [401, "AUTH_003"];
  assert.deepEqual(await notify("midtrans", told({ gross_amount: "99000.0" })), refused);
  assert.deepEqual(await notify("midtrans", told({ status_code: "201" })), refused);
  const signature_key = JSON.parse(right).signature_key.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  assert.deepEqual(await notify("midtrans", told({ signature_key })), refused);
  assert.deepEqual(await notify("midtrans", told({ signature_key: undefined })), [400, "APP_001"]);
  assert.deepEqual(await notify("midtrans", told({}, `${key}x`)), refused);
  assert.deepEqual(await notify("midtrans", told({ order_id: crypto.randomUUID() })), [404, "SUB_001"]);
  const { claims } = await call("GET", `platform/claims?end_user_id=${user.id}`, undefined, basic);
  assert.equal(claims.plan, undefined, "what it says is asked of Midtrans before anything is granted");
});
