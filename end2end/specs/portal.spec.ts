// The customer portal: what somebody has, and everything that they can change about it.
import type { Page } from "@playwright/test";
import { openPortal, portalUrl } from "../support/portal";
import { confirm, expect, expectPage, test } from "../support/test";

const nbsp = "\u00a0";
const rupiah = (amount: string) => `Rp${nbsp}${amount}`;

/** Goes to another plan: the preview opens in place where scripts run, else on a page of its own. */
async function preview(page: Page, scripts: boolean, name: string | RegExp, plan: string): Promise<void> {
  await page.getByRole("link", { name }).click();
  if (!scripts) await expectPage(page, `Change to ${plan}`);
  await expect(page.getByText(/^(You gain|You lose)$/).first()).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(scripts ? "/portal" : "/portal/change");
}

/** Pays on the sandbox's page, from the checkout. */
async function pay(page: Page, amount: RegExp | string): Promise<void> {
  await page.getByRole("button", { name: amount }).click();
  await expectPage(page, "Test payment");
  await page.getByRole("button", { name: "Pay" }).click();
  await expectPage(page, "Your plan");
  await expect(page.getByRole("status").filter({ hasText: "The payment has arrived" })).toBeVisible();
}

/** Buys Pro in the portal. */
async function buyPro(page: Page, scripts: boolean): Promise<void> {
  await preview(page, scripts, /^Upgrade to Pro/, "Pro");
  await expect(page.getByText("Export enabled").first()).toBeVisible();
  await expect(page.getByText(new RegExp(`You pay ${rupiah("99.000")} today, then ${rupiah("99.000")} on `))).toBeVisible();
  await page.getByRole("button", { name: "Continue to payment" }).click();
  await expectPage(page, "Subscribe to Pro");
  await pay(page, `Pay ${rupiah("99.000")}`);
}

test("a plan is bought, changed, and changed back", async ({ visitor, page, scripts }) => {
  const { tokens } = await visitor.arrive("sandbox-web");
  await openPortal(page, tokens.id.sub);
  expect(page.url()).toMatch(/\/portal$/);
  await expect(page.getByRole("link", { name: "Back to Paid in play money" })).toHaveAttribute("href", "http://127.0.0.1:9/account");
  await buyPro(page, scripts);
  await expect(page.getByRole("heading", { level: 2, name: "Pro" })).toBeVisible();
  await expect(page.getByText("Active", { exact: true })).toBeVisible();
  await expect(page.getByText("Next charge")).toBeVisible();

  await preview(page, scripts, /^Upgrade to Team/, "Team");
  await expect(page.getByText("Unused time of Pro")).toBeVisible();
  await page.getByRole("button", { name: "Continue to payment" }).click();
  await pay(page, /^Pay Rp/);
  await expect(page.getByRole("heading", { level: 2, name: "Team" })).toBeVisible();

  await preview(page, scripts, /^Downgrade to Free/, "Free");
  await expect(page.getByText(/Nothing today. You keep Team until .*; then Free/)).toBeVisible();
  await page.getByRole("button", { name: /^Change on/ }).click();
  await expect(page.getByText(/^Free from /)).toBeVisible();
  await expect(page.getByText("Planned", { exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: /^Downgrade to Free/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText(/^Free from /)).toHaveCount(0);
});

test("cancelling says the date, and can be taken back", async ({ visitor, page, scripts }) => {
  const { tokens } = await visitor.arrive("sandbox-web");
  await openPortal(page, tokens.id.sub);
  await buyPro(page, scripts);
  await page.getByText("Cancel plan").click();
  await expect(page.getByText(/You keep Pro until .* Nothing is charged after that./)).toBeVisible();
  await page.getByLabel("Why do you cancel?").fill("</textarea><b>too dear");
  await page.getByRole("button", { name: "Cancel Pro" }).click();
  await expect(page.getByText(/^You keep Pro until/)).toBeVisible();
  await expect(page.getByText(/^Cancels on/)).toBeVisible();
  await expect(page.getByText("Ends on", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText("Next charge")).toBeVisible();
  await expect(page.getByText("Your plan goes on")).toBeVisible();
  await page.goto("/portal?done=canceled");
  await expect(page.getByText("Next charge")).toBeVisible();
  await expect(page.getByText("Your plan is canceled")).toHaveCount(0);
});

test("an invoice is there to print, and the payment method to change", async ({ visitor, page, scripts }) => {
  const { tokens } = await visitor.arrive("sandbox-web");
  await openPortal(page, tokens.id.sub);
  await buyPro(page, scripts);
  await page.getByRole("link", { name: /^SANDBOX-\d{6}$/ }).click();
  await expectPage(page, /^Invoice SANDBOX-\d{6}$/);
  await expect(page.getByText("Budi Santoso")).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("link", { name: "Back to your plan" })).toBeHidden();
  await expect(page.getByText("Total", { exact: true })).toBeVisible();
  await page.emulateMedia({ media: "screen" });
  await page.getByRole("link", { name: "Back to your plan" }).click();

  const method = page.locator("#method");
  await expect(method).toContainText("4242");
  await method.getByRole("button", { name: "Change" }).click();
  await expectPage(page, "Test payment");
  await page.getByRole("radio", { name: "Fails at renewal" }).check();
  await page.locator("main form button").first().click();
  await expectPage(page, "Your plan");
  await expect(method).toContainText("0341");
  await confirm(page, "Remove");
  await expect(method).toContainText("None is kept");
  await expect(page.getByText("Next invoice")).toBeVisible();
});

test("a link works once", async ({ visitor, page, context }) => {
  const { tokens } = await visitor.arrive("sandbox-web");
  const url = await portalUrl(tokens.id.sub);
  await page.goto(url);
  await expectPage(page, "Your plan");
  expect(await page.content()).not.toContain(new URL(url).searchParams.get("session"));
  const cookie = (await context.cookies(`${url}`)).find(({ name }) => name === "turnpike_portal");
  expect(cookie).toMatchObject({ httpOnly: true, path: "/", sameSite: "Lax" });
  await page.goto(url);
  await expectPage(page, "This link cannot be used any more");
});

test("speaks Indonesian", async ({ visitor, page }) => {
  const { tokens } = await visitor.arrive("sandbox-web");
  await page.goto(await portalUrl(tokens.id.sub));
  await page.goto("/portal?lang=id");
  await expectPage(page, "Paket Anda", "id");
  await page.goto("/portal/change?plan=pro&lang=id");
  await expectPage(page, "Ganti ke Pro", "id");
  await expect(page.getByText(new RegExp(`Anda membayar ${rupiah("99.000")} hari ini`))).toBeVisible();
});
