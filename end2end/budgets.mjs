// What a page costs: requests, compressed bytes by type, and how soon a phone shows it.
//   node end2end/budgets.mjs URL…        a page by its address
//   node end2end/budgets.mjs http://127.0.0.1:8080
// For a server's root address: the hosted pages, by catalog.toml's clients.
// "phone" is a processor four times slower, 1.6 Mbit/s, 150 ms there and back.
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chromium } from "@playwright/test";

const viewport = { width: 412, height: 823 };
const phone = { cpu: 4, bytesPerSecond: 1_600_000 / 8, latency: 150 };
const addresses = process.argv.slice(2);
if (!addresses.length) {
  console.error("usage: node end2end/budgets.mjs URL…");
  process.exit(2);
}

const find = ["-c", "command -v chromium-headless-shell || command -v chromium || command -v chromium-browser"];
const executablePath = process.env.CHROMIUM ?? execFileSync("sh", find, { encoding: "utf8" }).trim();
const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];

/// The address of an authorization request of a client of catalog.toml.
function authorization(issuer, client) {
  const url = new URL("/oauth2/authorize", issuer);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: client,
    redirect_uri: "http://127.0.0.1/callback",
    scope: "openid",
    state: "budget",
    code_challenge: createHash("sha256").update(randomBytes(32).toString("hex")).digest("base64url"),
    code_challenge_method: "S256",
  });
  return url.href;
}

/// Somebody who registers on the way through a client; answers their address.
async function register(page, issuer, client) {
  await page.goto(authorization(issuer, client));
  await page.goto(page.url().replace("/sign-in", "/register"));
  const email = `budget-${randomBytes(6).toString("hex")}@example.com`;
  await page.locator("#email").fill(email);
  await page.locator("main form button").first().click();
  await page.goto(`${issuer}demo/mailbox?to=${email}`);
  await page.getByRole("link", { name: "Open the link" }).click();
  await page.locator("#password").fill("purple staple orbit lantern");
  await page.locator("main form button").first().click();
  return email;
}

/// The address that opens the portal for somebody, once.
async function portal(issuer, client, email) {
  const secret = `${client}-secret-of-32-characters-or-more`;
  const headers = { authorization: `Basic ${btoa(`${client}:${secret}`)}`, "content-type": "application/json" };
  const ask = async (path, init) => (await fetch(`${issuer}api/platform/${path}`, { headers, ...init })).json();
  const { users } = await ask(`users?search=${email}`);
  const body = JSON.stringify({ end_user_id: users[0].end_user_id });
  return (await ask("portal/sessions", { method: "POST", body })).portal_url;
}

/// The pages to measure: a name, an address, and the cookies to come with.
async function pages(browser) {
  const found = [];
  for (const address of addresses) {
    if (new URL(address).pathname !== "/") {
      found.push({ name: address, url: address });
      continue;
    }
    const visit = async (walk) => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const page = await context.newPage();
      await walk(page, async (name) => found.push({ name, url: page.url(), cookies: await context.cookies() }));
      await context.close();
    };
    await visit(async (page, note) => {
      await page.goto(authorization(address, "e2e-web"));
      const signIn = page.url();
      await note("sign-in");
      for (const [name, path] of [["register", "/register"], ["forgot password", "/forgot-password"]]) {
        await page.goto(signIn.replace("/sign-in", path));
        await note(name);
      }
    });
    await visit(async (page, note) => {
      await register(page, address, "e2e-partner");
      await note("consent");
    });
    await visit(async (page, note) => {
      await register(page, address, "e2e-web");
      await page.waitForURL("**/plans?*");
      await note("plan selection");
    });
    // What is paid leads back to the product: everybody stops at another page.
    const checkOut = async (page) => {
      const email = await register(page, address, "sandbox-web");
      await page.locator("#plan-pro").check();
      await page.locator("form#plan button").last().click();
      await page.waitForURL("**/checkout/*");
      return email;
    };
    const goPay = async (page) => {
      const email = await checkOut(page);
      await page.locator("main form button").first().click();
      await page.waitForURL("**/sandbox/pay/*");
      return email;
    };
    await visit(async (page, note) => {
      await checkOut(page);
      await note("checkout");
    });
    await visit(async (page, note) => {
      await goPay(page);
      await note("play money");
    });
    await visit(async (page, note) => {
      const email = await goPay(page);
      // The product is not there.
      await page.route("http://127.0.0.1/callback?*", (route) => route.fulfill({ body: "Welcome back" }));
      await page.locator("form:has([name=act][value=card]) button").click();
      await page.waitForURL("http://127.0.0.1/callback?*");
      await page.goto(await portal(address, "sandbox-web", email));
      await note("portal");
      await page.goto(`${address}portal/change?plan=team`);
      await note("change of plan");
      await page.goto(`${address}portal`);
      await page.locator("a[href*='/portal/invoices/']").first().click();
      await note("invoice");
      await page.goto(`${address}account/connected`);
      await note("connected applications");
    });
  }
  return found;
}

/// Runs in the page, before anything else.
function observe() {
  const seen = (globalThis.__seen = { lcp: 0, cls: 0, tbt: 0, alive: 0 });
  new PerformanceObserver((list) => (seen.lcp = list.getEntries().at(-1).startTime)).observe({
    type: "largest-contentful-paint",
    buffered: true,
  });
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) if (!shift.hadRecentInput) seen.cls += shift.value;
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.tbt += Math.max(0, task.duration - 50);
  }).observe({ type: "longtask", buffered: true });
  new MutationObserver(() => {
    if (!seen.alive && document.documentElement?.hasAttribute("data-alive")) seen.alive = performance.now();
  }).observe(document, { attributes: true, subtree: true });
}

async function measure(browser, { url, cookies = [] }, slow) {
  const context = await browser.newContext({ viewport, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  await context.addCookies(cookies);
  const page = await context.newPage();
  await page.addInitScript(observe);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
  if (slow) {
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: phone.cpu });
    const { bytesPerSecond: throughput, latency } = phone;
    const link = { offline: false, latency, downloadThroughput: throughput, uploadThroughput: throughput };
    await cdp.send("Network.emulateNetworkConditions", link);
  }
  const requests = new Map();
  cdp.on("Network.requestWillBeSent", ({ requestId, request, type }) => {
    if (!request.url.startsWith("data:")) requests.set(requestId, { url: request.url, type, bytes: 0 });
  });
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const request = requests.get(requestId);
    if (request) request.bytes = encodedDataLength;
  });
  await page.goto(url, { waitUntil: "networkidle" });
  const timing = await page.evaluate(() => ({
    ...globalThis.__seen,
    fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  }));
  await context.close();
  return { requests: [...requests.values()], timing };
}

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
const sum = (requests) => requests.reduce((bytes, request) => bytes + request.bytes, 0);

const browser = await chromium.launch({ executablePath, args });
for (const page of await pages(browser)) {
  console.log(`\n${page.name}`);
  for (const slow of [false, true]) {
    const { requests, timing } = await measure(browser, page, slow);
    if (!slow) {
      const types = new Map();
      for (const request of requests) types.set(request.type, [...(types.get(request.type) ?? []), request]);
      const parts = [...types].map(([type, list]) => `${type.toLowerCase()} ${kib(sum(list))}`).join(", ");
      console.log(`  ${requests.length} requests, ${kib(sum(requests))}: ${parts}`);
      for (const { url, bytes } of requests) console.log(`    ${kib(bytes).padStart(10)}  ${new URL(url).pathname}`);
    }
    const { fcp, lcp, cls, tbt, alive } = timing;
    const islands = alive ? `, islands alive ${alive.toFixed(0)} ms` : "";
    console.log(
      `  ${slow ? "phone  " : "as it is"} FCP ${fcp.toFixed(0)} ms, LCP ${lcp.toFixed(0)} ms, CLS ${cls.toFixed(3)}, TBT ${tbt.toFixed(0)} ms${islands}`,
    );
  }
}
await browser.close();
