// Outgoing webhooks: an endpoint in the dashboard, what arrives at it, and what becomes of what it does not take.
import type { Locator, Page } from "@playwright/test";
import { admin, newApplication, newMember, type Application } from "../support/admin";
import { done, enterDashboard, openDashboard as open } from "../support/dashboard";
import { isSigned, startReceiver, type Receiver } from "../support/receiver";
import { expect, expectPage, test } from "../support/test";

let receiver: Receiver;

test.beforeEach(async ({ page }) => {
  receiver = await startReceiver();
  await enterDashboard(page);
});
test.afterEach(() => receiver.close());

/** An endpoint that leads to the receiver, with its secret. */
async function newEndpoint(shop: Application, events: string[] = []): Promise<{ id: string; secret: string }> {
  const input = { url: receiver.url, events };
  const { webhook, secret } = await admin("POST", `/applications/${shop.id}/webhooks`, input);
  return { id: webhook.id, secret };
}

/** Looks again until it is there: the server sends in its own time. */
const found = (page: Page, what: Locator) =>
  expect(async () => {
    await page.reload();
    await expect(what).toBeVisible({ timeout: 500 });
  }).toPass();

const secretOf = async (page: Page): Promise<string> => {
  await expect(page.getByRole("heading", { name: "Keep this secret now" })).toBeVisible();
  return (await page.getByText(/^whsec_[\w+/]{43}=$/).first().innerText()).trim();
};

test("an endpoint is added, gets a test event, and gets it again", async ({ page }) => {
  const shop = await newApplication();
  await open(page, shop, "webhooks");
  await expectPage(page, "Webhooks");
  await expect(page.getByText("No endpoints yet")).toBeVisible();
  await page.getByRole("link", { name: "Add endpoint" }).click();
  await expectPage(page, "New endpoint");
  await page.getByLabel("URL", { exact: true }).fill("http://shop.example/hooks");
  await page.getByLabel("payment.failed").check();
  await page.getByRole("button", { name: "Add endpoint" }).click();
  await expect(page.getByRole("alert").first()).toContainText("URL: must use https");
  await expect(page.getByLabel("URL", { exact: true })).toHaveValue("http://shop.example/hooks");
  await expect(page.getByLabel("payment.failed")).toBeChecked();
  await page.getByLabel("URL", { exact: true }).fill(receiver.url);
  await page.getByRole("button", { name: "Add endpoint" }).click();
  await expectPage(page, receiver.url);
  const secret = await secretOf(page);
  const file = await page.getByRole("link", { name: "Download .env" }).getAttribute("href");
  expect(decodeURIComponent(file ?? "")).toContain(`WEBHOOK_SECRET=${secret}\n`);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Keep this secret now" })).toHaveCount(0);
  expect(await page.content()).not.toContain(secret);

  await page.getByRole("button", { name: "Send a test event" }).click();
  await done(page, "A test event is on its way.");
  await expectPage(page, "Deliveries");
  const row = page.getByRole("row").filter({ hasText: "webhook.test" });
  await found(page, row.getByText("Delivered"));
  await row.getByRole("link").click();
  await expectPage(page, "webhook.test");
  const main = page.getByRole("main");
  await expect(main.getByText("HTTP 200")).toBeVisible();
  await expect(main.getByText("taken with thanks")).toBeVisible();
  const [first] = receiver.received;
  expect(first).toMatchObject({ headers: { "content-type": "application/json", "x-turnpike-event": "webhook.test" } });
  expect(isSigned(first, secret)).toBe(true);
  expect(JSON.parse(first.body)).toMatchObject({ type: "webhook.test" });
  await expect(main.getByText(`webhook-id: ${first.headers["webhook-id"]}`)).toBeVisible();
  await expect(main.getByText('"type": "webhook.test"')).toBeVisible();

  receiver.answer = { status: 500, text: "the shelf is full" };
  await page.getByRole("button", { name: "Send again" }).click();
  await done(page, "It is on its way again.");
  await found(page, main.getByText("HTTP 500"));
  await expect(main.getByText("the shelf is full")).toBeVisible();
  await expect(main.getByText("Waiting", { exact: true })).toBeVisible();
  await expect(main.getByText("Next attempt")).toBeVisible();
  expect(receiver.received[1]?.headers["webhook-id"]).toBe(first.headers["webhook-id"]);

  await main.getByRole("link", { name: "Deliveries" }).click();
  const filter = page.getByRole("navigation", { name: "Status" });
  await filter.getByRole("link", { name: "Given up" }).click();
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await filter.getByRole("link", { name: "Waiting" }).click();
  await row.getByRole("link").click();
  await expectPage(page, "webhook.test");
  receiver.answer = { status: 200, text: "" };
  await page.getByRole("button", { name: "Send again" }).click();
  await done(page, "It is on its way again.");
  await found(page, main.getByText("The answer had no body."));
  await expect(main.getByText("Delivered", { exact: true }).first()).toBeVisible();
});

test("an endpoint is switched off and on, gets another secret, and is deleted", async ({ page }) => {
  const shop = await newApplication();
  const { id, secret } = await newEndpoint(shop);
  await open(page, shop, `webhooks/${id}`);
  await page.getByLabel("Send events").uncheck();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await done(page, "Saved.");
  await expect(page.getByText("Off since")).toBeVisible();
  await expect(page.getByRole("button", { name: "Send a test event" })).toHaveCount(0);
  await page.getByLabel("Send events").check();
  await page.getByLabel("claims.updated").check();
  await page.getByLabel("Description").fill("Gudang");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await done(page, "Saved.");
  await expect(page.getByLabel("claims.updated")).toBeChecked();

  await page.getByRole("button", { name: "Rotate the secret" }).click();
  await done(page, "A new secret is made.");
  const another = await secretOf(page);
  expect(another).not.toBe(secret);
  await page.getByRole("button", { name: "Send a test event" }).click();
  await done(page, "A test event is on its way.");
  await expect.poll(() => receiver.received.length).toBe(1);
  for (const held of [secret, another]) expect(isSigned(receiver.received[0], held)).toBe(true);

  await page.getByRole("link", { name: "Webhooks", exact: true }).first().click();
  await expect(page.getByRole("listitem").filter({ hasText: "Gudang" })).toContainText("claims.updated");
  await page.getByRole("link", { name: receiver.url }).click();
  await page.getByLabel(/^Type .* to confirm$/).fill("something else");
  await page.getByRole("button", { name: "Delete this endpoint" }).click();
  await expect(page.getByRole("alert").first()).toContainText("must be exactly “127.0.0.1”");
  await page.getByLabel("Type 127.0.0.1 to confirm").fill("127.0.0.1");
  await page.getByRole("button", { name: "Delete this endpoint" }).click();
  await done(page, "Deleted.");
  await expect(page.getByText("No endpoints yet")).toBeVisible();
});

test("an endpoint learns what it asked for, and no more once it is gone", async ({ page }) => {
  const shop = await newApplication();
  const { id, secret } = await newEndpoint(shop, ["membership.created"]);
  const { id: end_user_id } = await newMember(shop);
  await expect.poll(() => receiver.received.length).toBe(1);
  const [told] = receiver.received;
  expect(isSigned(told, secret)).toBe(true);
  const data = { project_id: shop.id, end_user_id, change: "membership.created" };
  expect(JSON.parse(told.body)).toMatchObject({ type: "membership.created", data });
  await open(page, shop, `webhooks/${id}/deliveries`);
  await expect(page.getByRole("row").filter({ hasText: "membership.created" })).toHaveCount(1);

  receiver.answer = { status: 410, text: "moved away" };
  await page.getByRole("link", { name: receiver.url }).click();
  await page.getByRole("button", { name: "Send a test event" }).click();
  await expectPage(page, "Deliveries");
  await page.getByRole("link", { name: receiver.url }).click();
  await found(page, page.getByText(/answered 410 Gone/));
  await expect(page.getByRole("button", { name: "Send a test event" })).toHaveCount(0);
  await expect(page.getByLabel("Send events")).not.toBeChecked();
});

test("speaks Indonesian", async ({ page }) => {
  const shop = await newApplication();
  const { id } = await newEndpoint(shop);
  for (const [path, title] of [
    ["webhooks", "Webhook"],
    ["webhooks/new", "Endpoint baru"],
    [`webhooks/${id}`, receiver.url],
    [`webhooks/${id}/deliveries`, "Pengiriman"],
  ]) {
    await page.goto(`/dashboard/${shop.slug}/${path}?lang=id`);
    await expectPage(page, title, "id");
  }
});
