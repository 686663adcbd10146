// From plan selection to the tokens by way of the pages of Stripe and of Midtrans, which stand-ins play.
import type { Page } from "@playwright/test";
import { admin, application, type Application } from "../support/admin";
import { done, enterDashboard, openDashboard } from "../support/dashboard";
import { portal, refresh } from "../support/oauth";
import { act, atStripe, deliverMidtrans, deliverStripe, midtrans, onTime, stripe, type StandIn } from "../support/providers";
import { expect, expectPage, test, type Visitor } from "../support/test";

const nbsp = "\u00a0";

/** Enters the keys of an application's account in the dashboard, and leaves it. */
async function connect(page: Page, shop: Application, keys: Record<string, string>): Promise<void> {
  await enterDashboard(page);
  await openDashboard(page, shop, "settings/payments");
  const form = page.locator(`#${shop.slug}-keys`);
  for (const [label, value] of Object.entries(keys)) await form.getByLabel(label).fill(value);
  await form.getByRole("button", { name: "Save keys" }).click();
  await done(page, "Saved");
  await form.getByRole("button", { name: "Test the keys" }).click();
  await done(page, "The keys work");
  await page.context().clearCookies();
}

/** A new account that chooses Pro and goes on to the provider's page. */
async function goPay(visitor: Visitor, client: "stripe-web" | "midtrans-web", amount: string) {
  const { page } = visitor;
  const { request } = await visitor.register(client);
  await page.getByRole("radio", { name: "Pro" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await expectPage(page, "Subscribe to Pro");
  await page.getByRole("button", { name: `Pay ${amount}` }).click();
  return request;
}

/** The provider's own pages are not ours to guard. */
const forgive = (guard: string[], { origin }: StandIn) => {
  const ours = guard.filter((complaint) => !complaint.includes(origin));
  guard.splice(0, guard.length, ...ours);
};

const payments = async (shop: Application, userId: string): Promise<any[]> => {
  const { payments } = await admin("GET", `/applications/${shop.id}/payments?limit=100`);
  return payments.filter((payment: any) => payment.userId === userId);
};

test("Stripe: a card is declined, another asks for 3-D Secure, and the plan is in the tokens", async ({ visitor, page, guard }) => {
  const shop = await application("stripe");
  const { key, webhookSecret, origin } = stripe();
  await onTime(stripe());
  await connect(page, shop, { "Secret key": key, "Webhook signing secret": webhookSecret });
  await act(stripe(), "deliveries");

  const request = await goPay(visitor, "stripe-web", "$10.00");
  await page.waitForURL(`${origin}/c/pay/**`);
  await expect(page.getByRole("heading")).toHaveText("Pay 1000 usd");
  await page.getByLabel("Card number").fill("4000 0000 0000 0002");
  await page.getByRole("button", { name: "Pay" }).click();
  await expect(page.getByRole("alert")).toHaveText("Your card was declined.");
  await page.getByLabel("Card number").fill("4000 0025 0000 3155");
  await page.getByRole("button", { name: "Pay" }).click();
  await page.getByRole("button", { name: "Complete" }).click();

  // No notification has arrived yet: the return asks Stripe.
  const { id, refreshToken } = await visitor.tokens(request);
  expect(id).toMatchObject({ plan: "pro", features: { shelves: 20 }, claims: { plan: "pro", billing_cycle: "monthly" } });
  expect(await deliverStripe(shop.id)).toEqual(expect.arrayContaining(["checkout.session.completed", "invoice.paid"]));
  expect(await payments(shop, id.sub)).toMatchObject([{ status: "succeeded", amount: 1000, currency: "usd" }]);
  expect((await refresh("stripe-web", refreshToken)).access.ent_ver).toBe(id.ent_ver);

  // In the portal: cancel and undo, here and, by a job, there.
  const { data } = await atStripe("subscriptions?limit=1");
  const ends = async () => (await atStripe(`subscriptions/${data[0].id}`)).cancel_at_period_end;
  await page.goto(await portal("stripe-web", id.sub));
  await expectPage(page, "Your plan");
  await expect(page.locator("#method")).toContainText("3155");
  await page.getByText("Cancel plan").click();
  await page.getByRole("button", { name: "Cancel Pro" }).click();
  await expect(page.getByText(/^Cancels on/)).toBeVisible();
  await expect.poll(ends).toBe(true);
  await deliverStripe(shop.id);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText("Next charge")).toBeVisible();
  await expect.poll(ends).toBe(false);
  await deliverStripe(shop.id);
  await page.reload();
  await expect(page.getByText("Next charge")).toBeVisible();
  forgive(guard, stripe());
});

test("Stripe: somebody turns back at its page, and nothing is charged", async ({ visitor, page, guard }) => {
  const shop = await application("stripe");
  await onTime(stripe());
  await connect(page, shop, { "Secret key": stripe().key, "Webhook signing secret": stripe().webhookSecret });
  await goPay(visitor, "stripe-web", "$10.00");
  await page.getByRole("link", { name: "Back" }).click();
  await expectPage(page, "Subscribe to Pro");
  await page.getByRole("link", { name: "Not now" }).click();
  await expectPage(page, "Choose your plan");
  forgive(guard, stripe());
});

test("Midtrans: a bank transfer that comes later, told by a notification", async ({ visitor, page, guard }) => {
  const shop = await application("midtrans");
  const { key, origin } = midtrans();
  await onTime(midtrans());
  await connect(page, shop, { "Server key": key });
  await act(midtrans(), "notifications");

  const request = await goPay(visitor, "midtrans-web", `Rp${nbsp}99.000`);
  await page.waitForURL(`${origin}/snap/v4/redirection/**`);
  await expect(page.getByRole("heading")).toHaveText("Pay Rp 99000");
  await page.getByRole("button", { name: "bca_va" }).click();
  await expect(page.getByRole("heading")).toHaveText("Waiting for your transfer");
  await page.getByRole("link", { name: "Back to merchant" }).click();
  await expectPage(page, "Waiting for your payment");
  const [pending] = await deliverMidtrans();
  expect(pending?.transaction_status).toBe("pending");
  await page.reload();
  await expectPage(page, "Waiting for your payment");
  await page.getByRole("button", { name: "Show how to pay" }).click();
  await page.waitForURL(`${origin}/snap/v4/redirection/**`);
  await expect(page.getByRole("heading")).toHaveText("Waiting for your transfer");
  await page.getByRole("link", { name: "Back to merchant" }).click();
  await expectPage(page, "Waiting for your payment");

  // Twenty hours later.
  await act(midtrans(), "clock", { seconds: 20 * 3600 });
  await act(midtrans(), "act", { order_id: pending.order_id, step: "complete" });
  const told = (await deliverMidtrans()).filter(({ order_id }) => order_id === pending.order_id);
  expect(told).toMatchObject([{ transaction_status: "settlement" }]);
  const { id } = await visitor.tokens(request);
  expect(id).toMatchObject({ plan: "pro", features: { recipes: 500 }, claims: { plan: "pro", billing_cycle: "monthly" } });
  expect(await payments(shop, id.sub)).toMatchObject([{ status: "succeeded", amount: 9_900_000, currency: "idr" }]);

  await page.goto(await portal("midtrans-web", id.sub));
  await expectPage(page, "Your plan");
  await expect(page.getByText(`Rp${nbsp}99.000`).first()).toBeVisible();
  forgive(guard, midtrans());
});

test("Midtrans: a card is refused, another is kept for the renewals", async ({ visitor, page, guard }) => {
  const shop = await application("midtrans");
  await onTime(midtrans());
  await connect(page, shop, { "Server key": midtrans().key });
  const request = await goPay(visitor, "midtrans-web", `Rp${nbsp}99.000`);
  await page.getByLabel("Card number").fill("4911 1111 1111 1113");
  await page.getByRole("button", { name: "credit_card" }).click();
  await page.getByRole("button", { name: "Complete" }).click();
  await expect(page.getByRole("alert")).toHaveText("Your payment was declined.");
  await page.getByLabel("Card number").fill("4811 1111 1111 1114");
  await page.getByRole("button", { name: "credit_card" }).click();
  await page.getByRole("button", { name: "Complete" }).click();
  const { id } = await visitor.tokens(request);
  expect(id).toMatchObject({ plan: "pro", claims: { plan: "pro", billing_cycle: "monthly" } });
  // Only the notification says that the card was kept, and the server takes it up in its own time.
  await deliverMidtrans();
  await expect(async () => {
    await page.goto(await portal("midtrans-web", id.sub));
    await expect(page.locator("#method")).toContainText("1114", { timeout: 500 });
  }).toPass();
  forgive(guard, midtrans());
});
