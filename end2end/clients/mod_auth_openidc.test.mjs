// mod_auth_openidc under Debian's Apache: it protects an application that knows nothing of OpenID Connect and reads
// the plan from its headers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startApache } from "./apache.mjs";
import { Browser } from "./browser.mjs";
import { call } from "./shop.mjs";

const issuer = process.env.TURNPIKE_URL ?? "http://127.0.0.1:8080";
const secret = "apache-secret-of-32-characters-or-more";
let apache;
let application;
let client;

before(async () => {
  const { applications } = await call("GET", "admin/applications?limit=100");
  application = applications.find(({ slug }) => slug === "e2e");
  apache = await startApache(async (origin) => {
    const redirect = `${origin}/oidc/callback`;
    client = await call("POST", `admin/applications/${application.id}/clients`, {
      name: "Apache",
      redirectUris: [redirect],
      postLogoutRedirectUris: [`${origin}/goodbye`],
      backchannelLogoutUri: `${redirect}?logout=backchannel`,
      skipConsent: true,
    });
    return `
OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${client.clientId}
OIDCClientSecret ${client.clientSecret}
OIDCRedirectURI ${redirect}
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCRemoteUserClaim email
OIDCProviderBackChannelLogoutSupported On
OIDCCryptoPassphrase ${secret}
OIDCSessionType server-cache`;
  });
});

after(async () => {
  await apache?.stop();
  if (client) await call("DELETE", `admin/applications/${application.id}/clients/${client.client.id}`);
});

/// A new person who comes to `path` of the application, signs up on the way and chooses a plan.
async function arrive(path, plan) {
  const email = `apache-${crypto.randomUUID()}@example.com`;
  const browser = new Browser(issuer, apache.origin);
  await browser.go(new URL(path, apache.origin));
  assert.equal(browser.path, "/sign-in", `${browser.status} ${browser.html}\n${await apache.log()}`);
  const register = browser.html.match(/href="(\/register\?[^"]+)"/)[1].replaceAll("&amp;", "&");
  await browser.go(new URL(register, issuer));
  await browser.submit({ email, name: "Wayan" });
  const mailbox = await fetch(`${issuer}/demo/mailbox?to=${encodeURIComponent(email)}`);
  await browser.go(new URL((await mailbox.text()).match(/href="([^"]*\/link\/[^"]+)"/)[1]));
  await browser.submit({ password: "a long enough passphrase" });
  assert.equal(browser.path, "/plans", browser.url);
  await browser.submit({ plan }, (html) => html.includes(`"${plan}"`));
  return { browser, email };
}

/// What the application was told, once the browser is there.
async function headers(browser) {
  assert.equal(browser.status, 200, `${browser.url}: ${browser.html}\n${await apache.log()}`);
  return JSON.parse(browser.html);
}

/// Whether Apache lets the browser in without asking.
async function isIn(browser) {
  await browser.go(new URL("/app/", apache.origin));
  return new URL(browser.url).origin === apache.origin;
}

test("the plan and the features arrive as headers", async () => {
  const { browser, email } = await arrive("/app/page?a=b", "pro");
  assert.equal(browser.url, `${apache.origin}/app/page?a=b`);
  const told = await headers(browser);
  assert.equal(told.oidc_claim_plan, "pro");
  assert.equal(told.oidc_claim_email, email);
  assert.equal(told.oidc_claim_name, "Wayan");
  assert.equal(told.oidc_claim_iss, issuer);
  assert.deepEqual(JSON.parse(told.oidc_claim_features), { exportEnabled: true, maxProjects: 50, storageGb: 100 });
  assert.deepEqual(JSON.parse(told.oidc_claim_claims), { plan: "pro" });
  assert.ok(Number(told.oidc_claim_ent_ver) > 0);
  assert.ok(told.oidc_access_token.split(".").length === 3);
});

test("a location is for those on a plan", async () => {
  const pro = await arrive("/app/pro/", "pro");
  assert.equal((await headers(pro.browser)).oidc_claim_plan, "pro");
  const free = await arrive("/app/pro/", "free");
  assert.equal(free.browser.status, 401);
  await free.browser.go(new URL("/app/", apache.origin));
  assert.equal((await headers(free.browser)).oidc_claim_plan, "free");
});

test("what pretends to be a claim does not arrive", async () => {
  const { browser } = await arrive("/app/", "free");
  await browser.go(new URL("/app/", apache.origin), { headers: { OIDC_CLAIM_plan: "pro", "OIDC-CLAIM-plan": "pro" } });
  const told = await headers(browser);
  assert.equal(told.oidc_claim_plan, "free");
  assert.equal(told["oidc-claim-plan"], undefined);
});

test("signing out ends both sessions", async () => {
  const { browser } = await arrive("/app/", "free");
  const goodbye = `${apache.origin}/goodbye`;
  await browser.go(new URL(`/oidc/callback?logout=${encodeURIComponent(goodbye)}`, apache.origin));
  assert.equal(browser.url.split("?")[0], goodbye);
  assert.equal(await isIn(browser), false);
  assert.equal(browser.path, "/sign-in");
});

test("a session that ends at the server ends in Apache, by the back channel", async () => {
  const { browser } = await arrive("/app/", "pro");
  const other = await arrive("/app/", "pro");
  await browser.go(new URL("/oauth2/logout", issuer));
  await browser.submit({});
  const end = Date.now() + 20_000;
  while ((await isIn(browser)) && Date.now() < end) await new Promise((again) => setTimeout(again, 50));
  assert.equal(browser.path, "/sign-in", await apache.log());
  assert.equal(await isIn(other.browser), true, "somebody else's session goes on");
});
