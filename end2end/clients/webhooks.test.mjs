// The package `standardwebhooks` against what the running server posts: a product's own server with an address for
// events, and nothing of ours but the secret of that address.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { call } from "./shop.mjs";

const posted = [];
const receiver = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  posted.push({ headers: request.headers, body: Buffer.concat(parts) });
  response.writeHead(200, { "content-type": "text/plain" }).end("thanks");
  receiver.emit("posted");
});
let base, hook, webhook, basic, user;

/// The next request of that kind, as soon as it is there.
async function next(type) {
  const signal = AbortSignal.timeout(20_000);
  for (;;) {
    const at = posted.findIndex(({ headers }) => headers["x-turnpike-event"] === type);
    if (at >= 0) return posted.splice(at, 1)[0];
    await once(receiver, "posted", { signal });
  }
}

/// The next event of that kind, verified.
async function event(type) {
  const { headers, body } = await next(type);
  const said = webhook.verify(body, headers);
  assert.deepEqual([said.type, said.data.id], [type, headers["webhook-id"]]);
  return said;
}

const setClaims = (claims) => call("POST", "platform/claims", { end_user_id: user.id, claims }, basic);

before(async () => {
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const slug = `hooks-${crypto.randomUUID().slice(0, 8)}`;
  const made = await call("POST", "admin/applications", { name: "Hooks", slug });
  basic = `Basic ${Buffer.from(`${made.clientId}:${made.clientSecret}`).toString("base64")}`;
  base = `admin/applications/${made.application.id}`;
  await call("POST", `${base}/plans`, { name: "Free", isDefault: true });
  await call("POST", `${base}/plans`, { name: "Pro", features: { seats: 5 } });
  ({ user } = await call("POST", "admin/users", { email: `${slug}@example.com` }));
  const created = await call("POST", `${base}/webhooks`, { url: `http://127.0.0.1:${receiver.address().port}/hooks` });
  hook = `${base}/webhooks/${created.webhook.id}`;
  webhook = new Webhook(created.secret);
});

after(() => {
  receiver.close();
  receiver.closeAllConnections();
});

test("access and a first plan are told", async () => {
  await call("POST", `${base}/users`, { userId: user.id });
  const member = await event("membership.created");
  assert.equal(member.data.end_user_id, user.id);
  const granted = await event("subscription.created");
  assert.deepEqual([granted.data.plan, granted.data.after.state.status], ["free", "active"]);
});

test("a claims call is told, and the package takes it as it was sent and not otherwise", async () => {
  await setClaims({ plan: "pro", seats: 5 });
  const moved = await next("subscription.updated");
  const { data, timestamp } = webhook.verify(moved.body, moved.headers);
  assert.deepEqual([data.plan, data.end_user_id, `admin/applications/${data.project_id}`], ["pro", user.id, base]);
  assert.ok(Math.abs(Date.now() - Date.parse(timestamp)) < 60_000, timestamp);
  const claims = await event("claims.updated");
  assert.deepEqual([claims.data.before, claims.data.after], [{}, { seats: 5 }]);
  const now = await call("GET", `platform/entitlements/${data.end_user_id}`, undefined, basic);
  assert.deepEqual([now.plan, now.claims.seats], ["pro", 5]);

  const { body, headers } = moved;
  const old = String(Number(headers["webhook-timestamp"]) - 1);
  for (const [what, bytes, more, by] of [
    ["a body with one more byte", Buffer.concat([body, Buffer.from(" ")]), {}, webhook],
    ["another plan", Buffer.from(body.toString().replace('"pro"', '"max"')), {}, webhook],
    ["another event's id", body, { "webhook-id": claims.data.id }, webhook],
    ["another moment", body, { "webhook-timestamp": old }, webhook],
    ["somebody else's secret", body, {}, new Webhook(`whsec_${Buffer.alloc(32, 7).toString("base64")}`)],
  ]) {
    assert.throws(() => by.verify(bytes, { ...headers, ...more }), WebhookVerificationError, what);
  }
});

test("a delivery is sent again under the same id", async () => {
  await setClaims({ seats: 6 });
  const first = await next("claims.updated");
  const done = async () => {
    const { deliveries } = await call("GET", `${hook}/deliveries?limit=1`);
    return deliveries[0];
  };
  let delivery = await done();
  assert.equal(delivery.eventId, first.headers["webhook-id"]);
  const one = `${hook}/deliveries/${delivery.id}`;
  // The answer may come before the server has written it down.
  for (const end = Date.now() + 10_000; delivery.status !== "delivered" && Date.now() < end; ) delivery = await done();
  assert.deepEqual([delivery.status, delivery.lastAttempt.status, delivery.lastAttempt.answer], ["delivered", 200, "thanks"]);
  assert.equal((await call("GET", one)).delivery.request.body, first.body.toString());

  await call("POST", `${one}/resend`);
  const second = await next("claims.updated");
  assert.equal(second.headers["webhook-id"], first.headers["webhook-id"]);
  assert.deepEqual(second.body, first.body);
  webhook.verify(second.body, second.headers);
});

test("a test event comes whatever was asked for, and nothing else does", async () => {
  await call("PATCH", hook, { events: ["payment.settled"] });
  await setClaims({ seats: 7 });
  const { delivery } = await call("POST", `${hook}/test`);
  const tried = await event("webhook.test");
  assert.equal(tried.data.id, delivery.eventId);
  assert.deepEqual(posted, []);
});

test("while a secret is rolled the old one and the new one verify", async () => {
  const { secret } = await call("POST", `${hook}/rotate-secret`);
  await call("POST", `${hook}/test`);
  const { body, headers } = await next("webhook.test");
  for (const holder of [webhook, new Webhook(secret)]) assert.equal(holder.verify(body, headers).type, "webhook.test");
});
