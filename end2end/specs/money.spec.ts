// Money in the dashboard: payment settings, coupons, payments, subscriptions, the test clock, alerts. Each test sells in
// an application of its own.
import { admin, advance, newMember } from "../support/admin";
import { done, enterDashboard, openDashboard as open } from "../support/dashboard";
import { cards, newCustomer, newShop, openCheckout, payWith } from "../support/shop";
import { confirm, expect, expectPage, test } from "../support/test";

test.beforeEach(async ({ page }) => enterDashboard(page));

test("keys are written, shown by their last four characters, and removed", async ({ page, product }) => {
  const shop = await newShop(product.origin);
  await open(page, shop, "settings/payments");
  await expectPage(page, "Payment settings");
  const stripe = page.locator("#stripe-keys");
  await stripe.getByLabel("Secret key").fill("not a key");
  await stripe.getByRole("button", { name: "Save keys" }).click();
  await expect(page.getByRole("alert")).toContainText("Secret key");
  expect(await page.content()).not.toContain("not a key");

  await stripe.getByLabel("Secret key").fill("sk_test_0123456789abcdefghijWXYZ");
  await stripe.getByLabel("Webhook signing secret").fill("whsec_0123456789abcdefghijQRST");
  await stripe.getByRole("button", { name: "Save keys" }).click();
  await done(page, "Saved");
  await expect(stripe.getByText("Secret key ends in WXYZ")).toBeVisible();
  await expect(stripe.getByText("Webhook signing secret ends in QRST")).toBeVisible();
  await expect(stripe.getByText("Test key", { exact: true })).toBeVisible();
  await expect(stripe.getByLabel("Secret key")).toHaveValue("");
  for (const secret of ["sk_test_0123", "whsec_0123"]) expect(await page.content()).not.toContain(secret);
  await expect(page.locator("#midtrans-keys").getByText("No keys yet.")).toBeVisible();

  // Nobody has given this key out, whether Stripe can be reached or not.
  await stripe.getByRole("button", { name: "Test the keys" }).click();
  await expect(page.getByRole("alert")).toContainText(/Secret key: is refused|does not answer/);
  await expect(stripe.getByText("Secret key ends in WXYZ")).toBeVisible();

  await confirm(page, "Remove the keys");
  await done(page, "The keys are gone.");
  await expect(stripe.getByText("No keys yet.")).toBeVisible();
});

test("who collects, and what happens when a charge fails, is chosen", async ({ page, product }) => {
  const shop = await newShop(product.origin);
  await open(page, shop, "settings/payments");
  await page.getByLabel("Payment provider").selectOption("none");
  await page.getByLabel("Try again after").fill("2, 1");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("alert").first()).toContainText("Try again after");
  await expect(page.getByLabel("Try again after")).toHaveValue("2, 1");
  await page.getByLabel("Try again after").fill("1, 4");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await done(page, "Saved");
  await expect(page.getByText("No payments are collected")).toBeVisible();
  await expect(page.getByLabel("Try again after")).toHaveValue("1, 4");
  await page.getByLabel("Payment provider").selectOption("stripe");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Stripe is chosen but has no keys yet")).toBeVisible();
});

test("a coupon is made, used at the checkout, and archived", async ({ page, product }) => {
  const shop = await newShop(product.origin);
  await open(page, shop, "coupons");
  await expectPage(page, "Coupons");
  await expect(page.getByText("No coupons yet")).toBeVisible();
  await page.getByLabel("Code").fill("ab");
  await page.getByRole("button", { name: "Create coupon" }).click();
  await expect(page.getByRole("alert")).toContainText("Code");
  await page.getByLabel("Code").fill("hemat");
  await page.getByLabel("Percent").fill("25");
  await page.getByRole("checkbox", { name: "Pro" }).check();
  await page.getByRole("button", { name: "Create coupon" }).click();
  await done(page, "The coupon is made.");
  const row = page.getByRole("row", { name: /HEMAT/ });
  await expect(row).toContainText("25 %");
  await expect(row).toContainText("On offer");

  await openCheckout(page, shop, await newMember(shop), "pro");
  await expectPage(page, "Subscribe to Pro");
  await page.getByText("Add a coupon").click();
  await page.getByLabel("Coupon code").fill("nothing");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByLabel("Coupon code")).toHaveValue("nothing");
  await page.getByLabel("Coupon code").fill("hemat");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("button", { name: "Pay $7.50" })).toBeVisible();
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("button", { name: "Pay $10.00" })).toBeVisible();
  await page.getByText("Add a coupon").click();
  await page.getByLabel("Coupon code").fill("HEMAT");
  await page.getByRole("button", { name: "Apply" }).click();
  await payWith(page, cards.pays);
  await page.waitForURL((url) => url.origin === shop.home);

  await open(page, shop, "coupons");
  await expect(row.getByRole("cell", { name: "1", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Archive HEMAT" }).click();
  await done(page, "Archived");
  await expect(row).toContainText("Archived");
  await openCheckout(page, shop, await newMember(shop), "pro");
  await page.getByText("Add a coupon").click();
  await page.getByLabel("Coupon code").fill("hemat");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.locator("#coupon-error, [role=alert]").first()).toContainText("no longer");
  await expect(page.getByRole("button", { name: "Pay $10.00" })).toBeVisible();
});

test("payments are found, shown and refunded, in part and whole", async ({ page, product }) => {
  const shop = await newShop(product.origin);
  await open(page, shop, "payments");
  await expect(page.getByText("No payments yet")).toBeVisible();
  const first = await newCustomer(page, shop, "pro");
  await newCustomer(page, shop, "team");
  await open(page, shop, "payments");
  await expectPage(page, "Payments");
  await expect(page.getByRole("row")).toHaveCount(3);
  await page.getByRole("link", { name: "Refunded", exact: true }).click();
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await page.getByRole("link", { name: "All", exact: true }).click();
  await page.getByRole("searchbox").fill(first.email);
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("row")).toHaveCount(2);

  const csv = await page.request.get((await page.getByRole("link", { name: "Export as CSV" }).getAttribute("href")) ?? "");
  expect(csv.headers()["content-type"]).toContain("text/csv");
  const lines = (await csv.text()).trim().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(first.email);

  await page.getByRole("link", { name: "$10.00" }).click();
  await expectPage(page, "Payment of $10.00");
  await page.locator("summary").filter({ hasText: "Refund" }).click();
  await page.getByLabel("Amount to refund").fill("20");
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  await expect(page.getByRole("alert").first()).toContainText("Amount to refund");
  await expect(page.getByLabel("Amount to refund")).toHaveValue("20");
  await page.getByLabel("Amount to refund").fill("4");
  await page.getByLabel("Reason").fill("A day without service");
  await page.getByRole("button", { name: "Refund", exact: true }).click();
  await done(page, "Refunded.");
  await expect(page.getByText("A day without service")).toBeVisible();
  await expect(page.getByText("Up to $6.00 can go back")).toBeVisible();
  await confirm(page, "Refund");
  await done(page, "Refunded.");
  await expect(page.getByText("Nothing can be refunded now.")).toBeVisible();
  const held = await fetchHeld(shop.id, first.id);
  expect(held?.planId).toBeUndefined();
});

/** The live subscription of a user, if there is one. */
const fetchHeld = (application: string, user: string) =>
  admin("GET", `/applications/${application}/users/${user}/subscription`).then(
    ({ subscription }) => subscription,
    () => undefined,
  );

test("a subscription is changed, canceled, taken back, paused and ended", async ({ page, product }) => {
  const shop = await newShop(product.origin);
  const customer = await newCustomer(page, shop, "pro");
  await open(page, shop, "subscriptions");
  await page.getByRole("link", { name: "Sari Dewi" }).click();
  await expectPage(page, "Subscription of Sari Dewi");

  await page.getByLabel("New plan and price").selectOption({ label: "Team: $30.00 per month" });
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("heading", { name: "Change to Team" })).toBeVisible();
  await expect(page.getByText("The user has to pay $20.00 first")).toBeVisible();
  await page.getByRole("button", { name: "Confirm the change" }).click();
  await expect(page.getByText("This change must be paid")).toBeVisible();
  const link = await page.getByText(/\/checkout\//).first().innerText();
  const subscription = page.url().split("?")[0];

  await page.goto(link.trim());
  await payWith(page, cards.pays);
  await page.waitForURL((url) => url.origin === shop.home);
  await page.goto(subscription);
  await expect(page.getByRole("heading", { level: 2, name: "Team" })).toBeVisible();

  await page.getByRole("button", { name: "Cancel at period end" }).click();
  await done(page, "Canceled.");
  await expect(page.getByText(/^Ends /).first()).toBeVisible();
  const desktop = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  await open(page, shop, "subscriptions");
  await expect(page.getByText(/^Cancels on/)).toBeVisible();
  const list = page.getByRole("region", { name: "Subscriptions" });
  const hidden = await list.evaluate((box) => box.scrollWidth - box.clientWidth);
  expect(hidden, "nothing is cut off").toBeLessThanOrEqual(0);
  if (desktop) await page.setViewportSize(desktop);
  await page.goto(subscription);
  await page.getByRole("button", { name: "Undo" }).click();
  await done(page, "Undone");
  await page.getByRole("button", { name: "Pause" }).click();
  await done(page, "Paused.");
  expect((await fetchHeld(shop.id, customer.id))?.isActive).toBe(false);
  await page.getByRole("button", { name: "Resume" }).click();
  await done(page, "It goes on.");

  await page.getByLabel("Reason").last().fill("Moved away");
  await confirm(page, "Cancel now");
  await done(page, "Canceled.");
  await expect(page.getByText("Moved away")).toBeVisible();
  await expect(page.getByText("It has ended.")).toBeVisible();
});

test("a trial ends later, and an invoice is marked as paid", async ({ page, product }) => {
  const shop = await newShop(product.origin);
  await newCustomer(page, shop, "studio");
  await open(page, shop, "subscriptions?status=trialing");
  await page.getByRole("link", { name: "Sari Dewi" }).click();
  await page.getByLabel("Trial until").fill("2020-01-01T12:00");
  await page.getByRole("button", { name: "Extend the trial" }).click();
  await expect(page.getByRole("alert").first()).toContainText("Trial until: must lie in the future");
  const later = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 16);
  await page.getByLabel("Trial until").fill(later);
  await page.getByRole("button", { name: "Extend the trial" }).click();
  await done(page, "The trial ends later now.");

  const debtor = await newCustomer(page, shop, "pro", cards.failsLater);
  await advance(shop, "1mo");
  expect((await fetchHeld(shop.id, debtor.id))?.status).toBe("past_due");
  await open(page, shop, `subscriptions?q=${encodeURIComponent(debtor.email)}`);
  await page.getByRole("link", { name: "Sari Dewi" }).click();
  await expect(page.getByText(/^Grace ends/)).toBeVisible();
  const invoices = page.locator("#invoices");
  await invoices.getByLabel("Reason").fill("Paid in cash");
  await invoices.getByRole("button", { name: "Mark as paid" }).click();
  await done(page, "Marked as paid.");
  expect((await fetchHeld(shop.id, debtor.id))?.status).toBe("active");
  await expect(page.getByText("Paid in cash")).toBeVisible();
  await expect(invoices.getByRole("button", { name: "Mark as paid" })).toHaveCount(0);
});

test("subscriptions are found, filtered and exported", async ({ page, product }) => {
  const shop = await newShop(product.origin);
  const customer = await newCustomer(page, shop, "pro");
  await newMember(shop, "Budi Santoso");
  await open(page, shop, "subscriptions");
  await expectPage(page, "Subscriptions");
  await expect(page.getByRole("row")).toHaveCount(3);
  await page.getByRole("searchbox").fill("budi");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("row")).toHaveCount(2);
  await expect(page.getByRole("row").last()).toContainText("not billed");
  await page.getByRole("searchbox").fill("nobody of that name");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await open(page, shop, "subscriptions?plan=pro");
  await expect(page.getByRole("row")).toHaveCount(2);
  const csv = await page.request.get((await page.getByRole("link", { name: "Export as CSV" }).getAttribute("href")) ?? "");
  const lines = (await csv.text()).trim().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(customer.email);
});

test("the clock moves, and says what that brought about", async ({ page, product }) => {
  const shop = await newShop(product.origin);
  await newCustomer(page, shop, "pro");
  await open(page, shop, "clock");
  await expectPage(page, "Test clock");
  await expect(page.getByText("It runs with real time.")).toBeVisible();
  await page.getByLabel("Move by").fill("1m");
  await page.getByRole("button", { name: "Move forward" }).click();
  await expect(page.getByRole("alert").first()).toContainText("Move by");
  await expect(page.getByLabel("Move by")).toHaveValue("1m");
  await page.getByRole("button", { name: "+1 month" }).click();
  await done(page, "The clock was moved.");
  await expect(page.locator("#happened").getByText("Subscription renewed")).toBeVisible();
  await expect(page.getByText(/^(28|29|30|31) days ahead of real time$/)).toBeVisible();
});

test("a dispute raises an alert, which a person resolves", async ({ page, product }) => {
  const shop = await newShop(product.origin);
  await newCustomer(page, shop, "pro", cards.isDisputed);
  const alert = page.getByRole("heading", { name: "A customer's bank asks for the money back" });
  await expect(async () => {
    await open(page, shop, "alerts");
    await expect(alert).toBeVisible({ timeout: 500 });
  }).toPass();
  await expectPage(page, "Alerts");
  await page.getByRole("button", { name: "Resolve" }).click();
  await done(page, "Resolved.");
  await expect(page.getByText("Nothing to look at")).toBeVisible();
  await page.getByRole("link", { name: "Resolved" }).click();
  await expect(alert).toBeVisible();
  await page.getByRole("link", { name: "See the payment" }).click();
  await expect(page.getByRole("row")).toHaveCount(2);
});

test("money speaks Indonesian", async ({ page, product }) => {
  const shop = await newShop(product.origin);
  await newCustomer(page, shop, "pro");
  for (const [path, title] of [
    ["payments", "Pembayaran"],
    ["subscriptions", "Langganan"],
    ["coupons", "Kupon"],
    ["clock", "Jam uji"],
    ["alerts", "Peringatan"],
    ["settings/payments", "Pengaturan pembayaran"],
  ]) {
    await page.goto(`/dashboard/${shop.slug}/${path}?lang=id`);
    await expectPage(page, title, "id");
  }
});
