// The contract's examples as they stand, against the running server: a product's own code, with nothing of ours but
// the address of the server and the credentials of an application that has its defaults.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import jwt from "jsonwebtoken";
import * as oidc from "openid-client";
import { Browser } from "./browser.mjs";
import { discover, issuer as ISSUER, signUp } from "./person.mjs";
import { call } from "./shop.mjs";

const browser = new Browser(ISSUER);
const welcome = "https://app.example/welcome";
let project_id, client_id, client_secret, user_id, config, tokens;

before(async () => {
  const email = "user@example.com";
  const { users } = await call("GET", `admin/users?search=${encodeURIComponent(email)}`);
  for (const user of users.filter((user) => user.email === email)) await call("DELETE", `admin/users/${user.id}`);

  const made = await call("POST", "admin/applications", {
    name: "Examples",
    slug: `examples-${crypto.randomUUID().slice(0, 8)}`,
    redirectUris: ["http://127.0.0.1/callback"],
    returnUrls: ["https://app.example/"],
  });
  project_id = made.application.id;
  client_id = made.clientId;
  client_secret = made.clientSecret;
  const plans = `admin/applications/${project_id}/plans`;
  const { plan } = await call("POST", plans, {"name":"Pro","description":"Full access","features":{"maxProjects":50,"exportEnabled":true,"storageGb":100},"isDefault":false,"stripeProductId":"prod_abc123"});
  await call("PATCH", `${plans}/${plan.id}`, {"features":{"maxProjects":100}});
  await call("POST", `${plans}/${plan.id}/prices`, {"name":"Monthly","amount":999,"currency":"usd","interval":"month","stripePriceId":"price_xyz"});

  config = await discover(client_id, client_secret);
  ({ tokens } = await signUp(config, { email, plan: null, browser }));
  user_id = tokens.claims().sub;
});

/// What the product reads from the next access token.
async function read() {
  tokens = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  const accessToken = tokens.access_token;
  const { kid } = jwt.decode(accessToken, { complete: true }).header;
  const publicKey = await (await fetch(`${ISSUER}/.well-known/keys/${encodeURIComponent(kid)}.pem`)).text();
  const decoded = jwt.verify(accessToken, publicKey, { algorithms: ["RS256"] });
  assert.equal(decoded.plan, decoded.claims.plan);
  return decoded;
}

/// Goes where a product sends its user for Pro.
async function checkout() {
  const location = {};
  location.href = `${ISSUER}/checkout?` + new URLSearchParams({ project_id, plan: "pro", user_id, success_url: "https://app.example/welcome", cancel_url: "https://app.example/pricing" });
  browser.left = undefined;
  await browser.go(new URL(location.href));
}

const endPlan = () => call("DELETE", `admin/applications/${project_id}/users/${user_id}/subscription`);

test("claims is always there", async () => {
  const decoded = await read();
  assert.equal(decoded.plan, undefined);
  assert.deepEqual(decoded.claims, {});
});

test("a backend sets a plan after its own payment check", async () => {
  await fetch(`${ISSUER}/api/platform/claims`, { method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ client_id, client_secret, email: "user@example.com", claims: { plan: "pro" } }) });
  const decoded = await read();
  assert.equal(decoded.plan, "pro");
  assert.deepEqual(decoded.features, { maxProjects: 100 });
  assert.equal(decoded.claims.billing_cycle, undefined, "nothing is billed");
});

test("gating reads the claims that a backend set", async () => {
  const claims = { trial_ends: "2026-12-24", feature_flags: ["beta", "export"], seats: 5, role: "owner" };
  await fetch(`${ISSUER}/api/platform/claims`, { method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ client_id, client_secret, email: "user@example.com", claims }) });
  const decoded = await read();
  assert.deepEqual(decoded.claims, { plan: "pro", ...claims });
});

test("hosted checkout by redirect, where nobody collects", async () => {
  await endPlan();
  await checkout();
  assert.equal(browser.left, undefined, "the page asks first");
  assert.equal(browser.status, 200);
  assert.equal((await read()).plan, undefined, "a link grants nothing");
  await browser.submit({}, (html) => html.includes('name="digest"'));
  assert.equal(browser.left.href, welcome);
  assert.equal((await read()).plan, "pro");
  await checkout();
  assert.equal(browser.left.href, welcome, "they have it");
});

test("hosted checkout by redirect, with a test card", async () => {
  await endPlan();
  await call("PATCH", `admin/applications/${project_id}`, { paymentProvider: "sandbox" });
  await checkout();
  assert.match(browser.path, /^\/checkout\/./);
  await browser.submit({}, (html) => !html.includes("coupon"));
  assert.equal((await read()).plan, undefined, "nothing is paid yet");
  await browser.submit({ number: "4242424242424242" }, (html) => html.includes('value="card"'));
  assert.equal(browser.left.href, welcome);
  const decoded = await read();
  assert.equal(decoded.plan, "pro");
  assert.equal(decoded.claims.billing_cycle, "monthly");
});

test("customer portal", async () => {
  const end_user_id = user_id;
  let opened;
  const res = { redirect: (url) => (opened = browser.go(new URL(url))) };
  browser.left = undefined;
  const { portal_url } = await (await fetch(`${ISSUER}/api/platform/portal/sessions`, { method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ client_id, client_secret, end_user_id }) })).json();
  res.redirect(portal_url + "&redirect_uri=https://app.example/dashboard");
  await opened;
  assert.equal(browser.path, "/portal");
  assert.ok(browser.html.includes('href="https://app.example/dashboard"'), browser.html);
  assert.ok(browser.html.includes("$9.99"), "what they pay");
});
