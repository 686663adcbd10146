// What is typed into the dashboard before its scripts are there.
import { admin, newApplication, newMember, newPlan } from "../support/admin";
import { done, enterDashboard } from "../support/dashboard";
import { settled, withhold } from "../support/pages";
import { expect, test } from "../support/test";

test.beforeEach(async ({ page }) => enterDashboard(page));

test.describe("what was typed before the scripts arrived", () => {
  test.skip(({ scripts }) => !scripts, "without scripts there is nothing to wait for");

  test("stays in the editor of a plan, and shows in its preview", async ({ page, scripts }) => {
    const shop = await newApplication();
    const release = await withhold(page);
    await page.goto(`/dashboard/${shop.slug}/plans/new`, { waitUntil: "commit" });
    await page.getByLabel("Name", { exact: true }).fill("Gold Plan");
    await page.getByLabel("Description").fill("Everything");
    await page.getByLabel("Row 1, Key", { exact: true }).fill("exportEnabled");
    await page.getByLabel("Row 1, Type", { exact: true }).selectOption({ label: "yes / no" });
    await page.getByLabel("Row 1, Value", { exact: true }).fill("false");
    await page.getByLabel("Row 2, Key", { exact: true }).fill("maxProjects");
    await page.getByLabel("Row 2, Value", { exact: true }).fill("50");
    await page.getByLabel("Default plan").check();
    await page.getByLabel("Amount").fill("99000");
    await page.getByLabel("Currency").fill("idr");
    await page.getByLabel("Charged").selectOption("year");
    release();
    await settled(page, scripts);
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Gold Plan");
    await expect(page.getByLabel("Key", { exact: true })).toHaveValue("gold-plan");
    await expect(page.getByText("10 of 500 characters")).toBeVisible();
    await expect(page.getByText("People read Rp\u00a099.000")).toBeVisible();
    await expect(page.getByText("This plan has a price")).toBeVisible();
    await expect(page.getByLabel("Row 1, Value", { exact: true })).toHaveValue("false");
    const preview = page.getByRole("complementary", { name: "Preview" });
    for (const text of ["Gold Plan", "Everything", "Max projects: 50", '"exportEnabled": false']) {
      await expect(preview).toContainText(text);
    }
    await page.getByRole("button", { name: "JSON", exact: true }).click();
    const json = await page.getByRole("textbox", { name: "JSON" }).inputValue();
    expect(JSON.parse(json)).toEqual({ exportEnabled: false, maxProjects: 50 });
    await page.getByRole("button", { name: "Create plan" }).click();
    await done(page, "Created.");
    const { plans } = await admin("GET", `/applications/${shop.id}/plans`);
    expect(plans[0]).toMatchObject({ key: "gold-plan", features: { exportEnabled: false, maxProjects: 50 } });
    expect(plans[0].prices[0]).toMatchObject({ amount: 9900000, currency: "idr", interval: "year" });
  });

  test("stays in the forms of a price and of claims", async ({ page, scripts }) => {
    const shop = await newApplication();
    const plan = await newPlan(shop, { name: "Basic", features: { maxProjects: 3 } });
    const user = await newMember(shop);
    let release = await withhold(page);
    await page.goto(`/dashboard/${shop.slug}/plans/${plan.key}`, { waitUntil: "commit" });
    await page.getByLabel("Row 1, Value", { exact: true }).fill("7");
    await page.locator("#prices").getByLabel("Amount").fill("99.90");
    release();
    await settled(page, scripts);
    await expect(page.getByText("People read $99.90")).toBeVisible();
    await expect(page.getByRole("complementary", { name: "Preview" })).toContainText('"maxProjects": 7');

    release = await withhold(page);
    await page.goto(`/dashboard/${shop.slug}/users/${user.id}`, { waitUntil: "commit" });
    const form = page.locator("#claims-form");
    await form.getByLabel("Row 1, Key", { exact: true }).fill("seats");
    await form.getByLabel("Row 1, Value", { exact: true }).fill("5");
    release();
    await settled(page, scripts);
    await form.getByRole("button", { name: "JSON", exact: true }).click();
    expect(JSON.parse(await form.getByRole("textbox", { name: "JSON" }).inputValue())).toEqual({ seats: 5 });
  });

  test("stays in the short name of an application", async ({ page, scripts }) => {
    const release = await withhold(page);
    await page.goto("/dashboard/applications/new", { waitUntil: "commit" });
    await page.getByLabel("Short name").fill("my-own");
    await page.getByLabel("Name", { exact: true }).fill("Toko Buku");
    release();
    await settled(page, scripts);
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Toko Buku");
    await expect(page.getByLabel("Short name")).toHaveValue("my-own");
  });
});
