// Prices in the dashboard: given to a plan, read as they are written, and what follows from them.
import { admin, newApplication, newPlan } from "../support/admin";
import { enterDashboard, openDashboard as open } from "../support/dashboard";
import { settled } from "../support/pages";
import { expect, test } from "../support/test";

test.beforeEach(async ({ page }) => enterDashboard(page));

test.describe("plans", () => {
  test("show the billing cycle in the token where a provider bills", async ({ page, scripts }) => {
    const shop = await newApplication();
    await admin("PATCH", `/applications/${shop.id}`, { paymentProvider: "stripe" });
    const plan = await newPlan(shop, { name: "Basic" });
    const preview = page.getByRole("complementary", { name: "Preview" });
    await open(page, shop, `plans/${plan.key}`);
    await settled(page, scripts);
    await expect(preview).not.toContainText("billing_cycle");
    const price = { name: "Yearly", amount: 9900, currency: "usd", interval: "year" };
    await admin("POST", `/applications/${shop.id}/plans/${plan.id}/prices`, price);
    await open(page, shop, `plans/${plan.key}`);
    await expect(preview).toContainText('"billing_cycle": "yearly"');
  });

  test("get prices and lose them", async ({ page, scripts }) => {
    const shop = await newApplication();
    const plan = await newPlan(shop, { name: "Basic" });
    await open(page, shop, `plans/${plan.key}`);
    await settled(page, scripts);
    const prices = page.locator("#prices");
    await prices.getByLabel("Price name").fill("Yearly");
    await prices.getByLabel("Amount").fill("9.999");
    await prices.getByLabel("Currency").fill("usd");
    await prices.getByLabel("Charged").selectOption("year");
    await prices.getByRole("button", { name: "Add price" }).click();
    await expect(prices.getByLabel("Amount")).toHaveAttribute("aria-invalid", "true");
    await expect(prices.getByLabel("Amount")).toHaveValue("9.999");
    await prices.getByLabel("Amount").fill("99.90");
    await prices.getByRole("button", { name: "Add price" }).click();
    await expect(prices).toContainText("$99.90 a year");
    await prices.getByRole("button", { name: "Remove the price Yearly" }).click();
    await expect(prices).toContainText("No price: free");
  });
});

test.describe("amounts", () => {
  test("are read as the admin's language writes them", async ({ page, scripts }) => {
    const shop = await newApplication();
    const plan = await newPlan(shop, { name: "Basic" });
    const prices = page.locator("#prices");
    const add = async (amount: string, currency: string) => {
      await prices.getByLabel("Jumlah").fill(amount);
      await prices.getByLabel("Mata uang").fill(currency);
      await prices.getByRole("button", { name: "Tambah harga" }).click();
    };
    await page.goto(`/dashboard/${shop.slug}/plans/${plan.key}?lang=id`);
    await settled(page, scripts);
    await add("99.000", "IDR");
    await expect(prices).toContainText("Rp\u00a099.000 per bulan");
    await settled(page, scripts);
    await add("9.99", "USD");
    await expect(prices.getByText("harus ditulis seperti 9,99")).toHaveCount(1);
    await expect(page.getByRole("alert")).toContainText("Jumlah: harus ditulis seperti 9,99");
    await settled(page, scripts);
    await add("9,99", "USD");
    await expect(prices).toContainText("$9,99 per bulan");
    const { plans } = await admin("GET", `/applications/${shop.id}/plans`);
    expect(plans[0].prices).toMatchObject([
      { amount: 9900000, currency: "idr" },
      { amount: 999, currency: "usd" },
    ]);
  });

  test("that cannot be read are named beside the field, and cost nobody nothing", async ({ page, scripts }) => {
    test.skip(!scripts, "Without scripts the form is judged when it is sent.");
    const shop = await newApplication();
    await open(page, shop, "plans/new");
    await settled(page, scripts);
    const card = page.getByRole("complementary", { name: "Preview" });
    await expect(card).toContainText("Free");
    await page.getByLabel("Amount").fill("9,99");
    await expect(card).not.toContainText("Free");
    await expect(card).toContainText("No price yet");
    await page.getByLabel("Amount").press("Tab");
    await expect(page.locator("#amount-error")).toHaveText("Must be written like 9.99");
    await page.getByLabel("Amount").fill("9.99");
    await expect(page.locator("#amount-error")).toHaveCount(0);
    await expect(card).toContainText("$9.99");
    await expect(page.getByText("People read $9.99")).toBeVisible();
  });
});
