// What happens to customers over months, in the sandbox with a clock that is moved. Every stage leaves a picture.
import { admin, advance, application, type Application } from "../support/admin";
import { portal, refresh, type Tokens } from "../support/oauth";
import { expect, expectPage, test, type Visitor } from "../support/test";
import type { Page, TestInfo } from "@playwright/test";

const CLIENT = "story-web";

let shop: Application;
test.beforeAll(async () => {
  shop = await application("story");
});

/** Keeps a picture of the page, light and dark. */
async function picture(page: Page, info: TestInfo, name: string) {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const path = info.outputPath(`${name}-${colorScheme}.png`);
    await page.screenshot({ path, fullPage: true });
    await info.attach(`${name}-${colorScheme}`, { path, contentType: "image/png" });
  }
  await page.emulateMedia({ colorScheme: "light" });
}

/** A new account that chooses a plan and pays with one of the sandbox's cards. */
async function buy(visitor: Visitor, plan: string, card: string): Promise<Tokens> {
  const { page } = visitor;
  const { request } = await visitor.register(CLIENT);
  await page.getByRole("radio", { name: plan }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: /^(Pay|Start free trial)/ }).click();
  await payWith(page, card);
  return visitor.tokens(request);
}

async function payWith(page: Page, card: string) {
  await page.getByRole("radio", { name: card }).check();
  await page.getByRole("button", { name: /^(Pay|Save the card)/ }).click();
}

const openPortal = async (page: Page, tokens: Tokens) => page.goto(await portal(CLIENT, tokens.id.sub));

/** What the tokens say now. */
async function now(tokens: Tokens) {
  const fresh = await refresh(CLIENT, tokens.refreshToken);
  Object.assign(tokens, fresh);
  return fresh.access;
}

const held = async (tokens: Tokens) =>
  (await admin("GET", `/applications/${shop.id}/users/${tokens.id.sub}/subscription`)).subscription;

test("a paid checkout with 3-D Secure", async ({ visitor, page }, info) => {
  const { request } = await visitor.register(CLIENT);
  await expectPage(page, "Choose your plan");
  await picture(page, info, "1-plans");
  await page.getByRole("radio", { name: "Pro" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await expectPage(page, "Subscribe to Pro");
  await picture(page, info, "2-checkout");
  await page.getByRole("button", { name: "Pay $10.00" }).click();
  await picture(page, info, "3-sandbox");
  await payWith(page, "Asks for 3-D Secure");
  await expectPage(page, "3-D Secure");
  await picture(page, info, "4-secure");
  await page.getByRole("button", { name: "Yes, it is me" }).click();
  const { id } = await visitor.tokens(request);
  expect(id).toMatchObject({ plan: "pro", features: { tables: 20, reports: true } });
  expect(id.claims).toMatchObject({ plan: "pro", billing_cycle: "monthly" });
});

test("a trial that turns paid", async ({ visitor, page }, info) => {
  const tokens = await buy(visitor, "Studio", "Succeeds");
  expect((await held(tokens)).status).toBe("trialing");
  await openPortal(page, tokens);
  await expect(page.getByText("First charge after trial")).toBeVisible();
  await picture(page, info, "1-trial");
  await advance(shop, "14d");
  expect((await held(tokens)).status).toBe("active");
  expect((await now(tokens)).plan).toBe("studio");
  await openPortal(page, tokens);
  await expect(page.getByText("Next charge")).toBeVisible();
  await expect(page.getByText("$20.00").first()).toBeVisible();
  await picture(page, info, "2-paid");
});

test("a renewal that fails, dunning and recovery", async ({ visitor, page }, info) => {
  const tokens = await buy(visitor, "Pro", "Fails at renewal");
  await advance(shop, "1mo");
  expect((await held(tokens)).status).toBe("past_due");
  expect((await now(tokens)).plan).toBe("pro");
  await openPortal(page, tokens);
  await expect(page.getByRole("alert").filter({ hasText: "The last payment did not go through" })).toBeVisible();
  await picture(page, info, "1-past-due");
  await advance(shop, "2d");
  await openPortal(page, tokens);
  await page.getByRole("link", { name: "Pay $10.00" }).click();
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.getByRole("button", { name: /^Pay/ }).click();
  await payWith(page, "Succeeds");
  await expectPage(page, "Your plan");
  await picture(page, info, "2-recovered");
  expect((await held(tokens)).status).toBe("active");
  await advance(shop, "1mo");
  expect((await held(tokens)).status).toBe("active");
});

test("a renewal that nobody pays ends with the grace", async ({ visitor, page }, info) => {
  const tokens = await buy(visitor, "Pro", "Fails at renewal");
  await advance(shop, "1mo");
  await advance(shop, "7d");
  expect((await now(tokens)).plan).toBe("free");
  await openPortal(page, tokens);
  await expectPage(page, "Your plan");
  await picture(page, info, "1-ended");
});

test("a bank transfer that is paid late", async ({ visitor, page }, info) => {
  const { request } = await visitor.register(CLIENT);
  await page.getByRole("radio", { name: "Pro" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Pay $10.00" }).click();
  const bank = page.url();
  await page.getByRole("button", { name: "Bank transfer (virtual account)" }).click();
  await expectPage(page, "Waiting for your payment");
  await picture(page, info, "1-waiting");
  await advance(shop, "3d");
  await page.reload();
  await expectPage(page, "This checkout has ended");
  await expect(page.getByRole("link", { name: "Start again" })).toBeVisible();
  await picture(page, info, "2-too-late");
  await page.goto(bank);
  await page.getByRole("button", { name: "Let the money arrive" }).click();
  const { id } = await visitor.tokens(request);
  expect(id.plan).toBe("pro");
});

test("downgrade, undo, cancel and resume in the portal", async ({ visitor, page }, info) => {
  const tokens = await buy(visitor, "Team", "Succeeds");
  await openPortal(page, tokens);
  await expectPage(page, "Your plan");
  await picture(page, info, "1-portal");
  await page.getByRole("button", { name: /Downgrade to Pro/ }).or(page.getByRole("link", { name: /Downgrade to Pro/ })).click();
  await expect(page.getByText(/^Nothing today\. You keep Team until/)).toBeVisible();
  await picture(page, info, "2-preview");
  await page.getByRole("button", { name: /^Change on/ }).click();
  await expect(page.getByText(/^Pro from/)).toBeVisible();
  await picture(page, info, "3-pending");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Undone. Your plan goes on as it is.")).toBeVisible();
  await page.getByText("Cancel plan").last().click();
  await page.getByRole("button", { name: "Cancel Team" }).click();
  await expect(page.getByText(/^You keep Team until/).first()).toBeVisible();
  await picture(page, info, "4-canceled");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText(/Your plan goes on/).first()).toBeVisible();
  expect(await held(tokens)).toMatchObject({ status: "active", cancelAt: null });
  await advance(shop, "1mo");
  expect((await now(tokens)).plan).toBe("team");
});
