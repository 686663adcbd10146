// What a page costs: requests, compressed bytes by type, and how soon a phone shows it.
//   node end2end/budgets.mjs URL…        a page by its address
//   node end2end/budgets.mjs http://127.0.0.1:8080
// For a server's root address: sign-in, and plan selection behind it, of catalog.toml's client e2e-web.
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

const find = ["-c", "command -v chromium || command -v chromium-browser"];
const executablePath = process.env.CHROMIUM ?? execFileSync("sh", find, { encoding: "utf8" }).trim();
const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];

/// The address of an authorization request of e2e-web.
function authorization(issuer) {
  const url = new URL("/oauth2/authorize", issuer);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: "e2e-web",
    redirect_uri: "http://127.0.0.1/callback",
    scope: "openid",
    state: "budget",
    code_challenge: createHash("sha256").update(randomBytes(32).toString("hex")).digest("base64url"),
    code_challenge_method: "S256",
  });
  return url.href;
}

/// The pages to measure: a name, an address, and the cookies to come with.
async function pages(browser) {
  const found = [];
  for (const address of addresses) {
    if (new URL(address).pathname !== "/") {
      found.push({ name: address, url: address });
      continue;
    }
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(authorization(address));
    const signIn = page.url();
    const register = signIn.replace("/sign-in", "/register");
    await page.goto(register);
    const email = `budget-${randomBytes(6).toString("hex")}@example.com`;
    await page.locator("#email").fill(email);
    await page.locator("#password").fill("purple staple orbit lantern");
    await page.locator("main form button").first().click();
    await page.goto(`${address}demo/mailbox?to=${email}`);
    await page.getByRole("link", { name: "Open the link" }).click();
    await page.locator("main form button").first().click();
    await page.waitForURL("**/plans?*");
    found.push({ name: "sign-in", url: signIn }, { name: "register", url: register });
    found.push({ name: "plan selection", url: page.url(), cookies: await context.cookies() });
    await context.close();
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
