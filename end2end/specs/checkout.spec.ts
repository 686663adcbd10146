// Paying, from plan selection to the tokens, with the sandbox for a bank.
import { admin, advance, application, password, people } from "../support/admin";
import { cards, newCustomer, newShop, payLink, payWith } from "../support/shop";
import { expect, expectPage, test, type Visitor } from "../support/test";

const nbsp = "\u00a0";

/** A new account that has chosen a plan and stands before the checkout. */
async function choose(visitor: Visitor, plan: string, parameters: Record<string, string> = {}) {
  const { request } = await visitor.register("sandbox-web", parameters);
  await visitor.page.getByRole("radio", { name: plan }).check();
  await visitor.page.getByRole("button", { name: "Continue" }).click();
  return request;
}

test("a card with 3-D Secure buys the plan that the tokens then carry", async ({ visitor, page }) => {
  const request = await choose(visitor, "Pro");
  await expectPage(page, "Subscribe to Pro");
  await expect(page.getByText(`Due todayRp${nbsp}99.000`)).toBeVisible();
  await expect(page.getByText("Renews every month until you cancel.")).toBeVisible();
  await page.getByRole("button", { name: `Pay Rp${nbsp}99.000` }).click();

  await expectPage(page, "Test payment");
  await page.getByRole("radio", { name: "Is declined" }).check();
  await page.getByRole("button", { name: "Pay" }).click();
  await expect(page.getByRole("alert")).toContainText("The card was declined");
  await expect(page.getByRole("alert")).toBeFocused();
  await page.getByRole("radio", { name: "Asks for 3-D Secure" }).check();
  await page.getByRole("button", { name: "Pay" }).click();
  await expectPage(page, "3-D Secure");
  await page.getByRole("button", { name: "Yes, it is me" }).click();

  const { id } = await visitor.tokens(request);
  expect(id.plan).toBe("pro");
  expect(id.features).toEqual({ maxProjects: 50, exportEnabled: true });
  expect(id.claims).toMatchObject({ plan: "pro", billing_cycle: "monthly" });
});

test("a payment that failed keeps the choice", async ({ visitor, page }) => {
  await choose(visitor, "Pro");
  await page.getByRole("button", { name: "Pay" }).click();
  await page.getByRole("radio", { name: "Asks for 3-D Secure" }).check();
  await page.getByRole("button", { name: "Pay" }).click();
  await page.getByRole("button", { name: "No, stop" }).click();
  await expectPage(page, "Subscribe to Pro");
  await expect(page.getByRole("alert")).toContainText("Nothing was charged");
  await expect(page.getByRole("alert")).toBeFocused();
  await page.getByRole("link", { name: "Not now" }).click();
  await expectPage(page, "Choose your plan");
});

test("a trial costs nothing today", async ({ visitor, page }) => {
  const request = await choose(visitor, "Team");
  await expectPage(page, "Subscribe to Team");
  await expect(page.getByText(/Free until .*, then Rp/)).toBeVisible();
  await page.getByRole("button", { name: "Start free trial" }).click();
  await expectPage(page, "Test payment");
  await expect(page.getByRole("button", { name: "QRIS" })).toHaveCount(0);
  await page.getByRole("button", { name: "Save the card" }).click();
  const { id } = await visitor.tokens(request);
  expect(id.plan).toBe("team");
});

test("a bank transfer is awaited, and the page finds out by itself", async ({ visitor, page, context }) => {
  const request = await choose(visitor, "Pro");
  await page.getByRole("button", { name: "Pay" }).click();
  await page.getByRole("button", { name: "Bank transfer (virtual account)" }).click();
  await expectPage(page, "Waiting for your payment");
  const bank = await context.newPage();
  await bank.goto(await page.getByRole("link", { name: "Open the test bank" }).evaluate((link: HTMLAnchorElement) => link.href));
  await bank.getByRole("button", { name: "Let the money arrive" }).click();
  await bank.waitForURL((url) => url.origin === visitor.product.origin);
  await bank.close();
  const { id } = await visitor.tokens(request);
  expect(id.plan).toBe("pro");
});

test("a QRIS payment is awaited too", async ({ visitor, page }) => {
  const request = await choose(visitor, "Pro");
  await page.getByRole("button", { name: "Pay" }).click();
  await page.getByRole("button", { name: "QRIS" }).click();
  await expectPage(page, "Waiting for your payment");
  await page.getByRole("link", { name: "Open the test bank" }).click();
  await expectPage(page, "Your transfer");
  await expect(page.getByText("QRIS", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Let the money arrive" }).click();
  const { id } = await visitor.tokens(request);
  expect(id.plan).toBe("pro");
});

test("the page of an awaited payment counts down", async ({ visitor, page, scripts }) => {
  await choose(visitor, "Pro");
  await page.getByRole("button", { name: "Pay" }).click();
  await page.getByRole("button", { name: "Bank transfer (virtual account)" }).click();
  await expectPage(page, "Waiting for your payment");
  await expect(page.getByText(/^Pay before \d+ \w+ \d{4}, \d\d:\d\d UTC$/)).toBeVisible();
  const timer = page.getByRole("timer");
  await expect(timer).toHaveText(/^Time left: (1 day 0:00:00|23:59:\d\d)$/);
  if (!scripts) return;
  // The page looks again every five seconds: what changes in between is the script's work.
  await expect(async () => {
    await page.locator("body").evaluate((body) => body.setAttribute("data-same", ""));
    const shown = await timer.innerText();
    await expect(timer).not.toHaveText(shown, { timeout: 2_000 });
    expect(await page.locator("body[data-same]").count()).toBe(1);
  }).toPass();
});

test("speaks Indonesian", async ({ visitor, page }) => {
  const { request } = await visitor.register("sandbox-web");
  expect(request.client).toBe("sandbox-web");
  await page.getByRole("radio", { name: "Pro" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.goto(`${page.url()}?lang=id`);
  await expectPage(page, "Berlangganan Pro", "id");
  await expect(page.getByRole("button", { name: `Bayar Rp${nbsp}99.000` })).toBeVisible();
});

test("a link that is not right says so and charges nothing", async ({ page }) => {
  await page.goto("/checkout?plan=pro");
  await expectPage(page, "This checkout link is not right");
});

test("a checkout by redirect signs in first, and is for one user alone", async ({ visitor, page, context }) => {
  const { email, tokens } = await visitor.arrive("sandbox-web");
  const { id } = await application("sandbox");
  const urls = { success_url: "http://127.0.0.1:9/welcome", cancel_url: "http://127.0.0.1:9/pricing" };
  const link = `/checkout?${new URLSearchParams({ project_id: id, plan: "pro", user_id: tokens.id.sub, ...urls })}`;
  await context.clearCookies();
  await page.goto(link);
  await expectPage(page, /^Sign in/);
  await visitor.signIn({ email, password });
  await expectPage(page, "Subscribe to Pro");
  await expect(page.getByRole("link", { name: "Not now" })).toHaveAttribute("href", urls.cancel_url);
  await page.getByRole("button", { name: `Pay Rp${nbsp}99.000` }).click();
  await expectPage(page, "Test payment");

  await context.clearCookies();
  const form = { email: people.member.email, password: people.member.password };
  await page.request.post("/sign-in", { form, maxRedirects: 0 });
  await page.goto(link);
  await expect(page.getByRole("button", { name: /^Pay/ })).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1 })).not.toHaveText("Subscribe to Pro");
});

test("an invoice is paid by the link of its mail, signed out", async ({ page, context, product }) => {
  const shop = await newShop(product.origin);
  const customer = await newCustomer(page, shop, "pro", cards.failsLater);
  await advance(shop, "1mo");
  const held = async () => (await admin("GET", `/applications/${shop.id}/users/${customer.id}/subscription`)).subscription;
  expect((await held()).status).toBe("past_due");
  const link = await payLink(page, customer.email);
  await context.clearCookies();
  for (let look = 0; look < 2; look += 1) {
    await page.goto(link);
    await expect(page.getByRole("button", { name: "Pay $10.00" })).toBeVisible();
  }
  await expectPage(page, /^Invoice .*-000002$/);
  await payWith(page, cards.pays);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect((await held()).status).toBe("active");
  await page.goto(link);
  await expect(page.getByRole("button", { name: /^Pay/ })).toHaveCount(0);
});
