// The Plans tab: made, put in order, archived, and deleted.
import { admin, newApplication, newMember, newPlan } from "../support/admin";
import { done, enterDashboard, openDashboard as open } from "../support/dashboard";
import { settled } from "../support/pages";
import { confirm, expect, test } from "../support/test";

test.beforeEach(async ({ page }) => enterDashboard(page));

test.describe("plans", () => {
  test("start with an example", async ({ page }) => {
    const shop = await newApplication();
    await open(page, shop, "plans");
    await expect(page.getByRole("heading", { name: "No plans yet" })).toBeVisible();
    await page.getByRole("button", { name: "Create a Free + Pro example" }).click();
    await expect(page.getByRole("heading", { level: 2 })).toHaveText(["Free", "Pro"]);
    const { plans } = await admin("GET", `/applications/${shop.id}/plans`);
    expect(plans.map((plan: { key: string; isDefault: boolean }) => [plan.key, plan.isDefault])).toEqual([
      ["free", true],
      ["pro", false],
    ]);
  });

  test("a new one, with features in a table and a price", async ({ page, scripts }) => {
    const shop = await newApplication();
    await open(page, shop, "plans/new");
    await settled(page, scripts);
    const editor = page.getByRole("main");
    await editor.getByLabel("Name", { exact: true }).fill("Gold Plan");
    if (scripts) {
      await expect(editor.getByLabel("Key", { exact: true })).toHaveValue("gold-plan");
      await editor.getByLabel("Name", { exact: true }).fill("x".repeat(60));
      await expect(editor.getByText("60 of 64 characters")).toBeVisible();
      await editor.getByLabel("Name", { exact: true }).fill("Gold Plan");
      await expect(editor.getByText("of 64 characters")).toHaveCount(0);
    }
    await editor.getByLabel("Description").fill("Everything");
    const rows = [
      ["maxProjects", "number", "50"],
      ["exportEnabled", "yes / no", "true"],
      ["support", "text", "priority"],
    ];
    for (const [index, [key, kind, value]] of rows.entries()) {
      const row = (part: string) => editor.getByLabel(`Row ${index + 1}, ${part}`, { exact: true });
      if ((await row("Key").count()) === 0) await editor.getByRole("button", { name: "Add a row" }).click();
      await row("Key").fill(key);
      await row("Type").selectOption({ label: kind });
      const field = row("Value");
      if (await field.evaluate((element) => element.tagName === "SELECT")) await field.selectOption(value);
      else await field.fill(value);
    }
    await editor.getByLabel("Price name").fill("Monthly");
    await editor.getByLabel("Amount").fill("99000");
    await editor.getByLabel("Currency").fill("idr");
    if (scripts) {
      const preview = page.getByRole("complementary", { name: "Preview" });
      await expect(preview).toContainText("Gold Plan");
      await expect(preview).toContainText("Rp\u00a099.000");
      await expect(preview).toContainText("Max projects: 50");
      await expect(preview).toContainText('"plan": "gold-plan"');
      await expect(preview).toContainText('"support": "priority"');
      await expect(page.getByText("People read Rp\u00a099.000")).toBeVisible();
      // Nothing is billed here.
      await expect(preview).not.toContainText("billing_cycle");
    }
    await editor.getByRole("button", { name: "Create plan" }).click();
    await done(page, "Created.");
    const { plans } = await admin("GET", `/applications/${shop.id}/plans`);
    expect(plans[0]).toMatchObject({
      key: "gold-plan",
      name: "Gold Plan",
      description: "Everything",
      features: { maxProjects: 50, exportEnabled: true, support: "priority" },
      isListed: true,
    });
    expect(plans[0].prices[0]).toMatchObject({ amount: 9900000, currency: "idr", interval: "month" });
  });

  test("a name without a space stays inside the card", async ({ page, scripts }) => {
    const shop = await newApplication();
    const plan = await newPlan(shop, { name: "m".repeat(64), description: "w".repeat(100) });
    await page.setViewportSize({ width: 1280, height: 900 });
    await open(page, shop, `plans/${plan.key}`);
    await settled(page, scripts);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
  });

  test("a taken name is named, and what was typed stays", async ({ page }) => {
    const shop = await newApplication();
    await newPlan(shop, { name: "Basic" });
    await open(page, shop, "plans/new");
    await page.getByLabel("Name", { exact: true }).fill("Basic");
    await page.getByLabel("Key", { exact: true }).fill("other");
    await page.getByLabel("Description").fill("The same name");
    await page.getByRole("button", { name: "Create plan" }).click();
    await expect(page.getByRole("alert").first()).toBeFocused();
    await expect(page.getByLabel("Description")).toHaveValue("The same name");
    await expect(page.getByLabel("Key", { exact: true })).toHaveValue("other");
  });

  test("change their order, their default and their place in the archive", async ({ page }) => {
    const shop = await newApplication();
    for (const name of ["One", "Two", "Three"]) await newPlan(shop, { name, isDefault: name === "One" });
    await open(page, shop, "plans");
    const names = page.getByRole("listitem").getByRole("heading", { level: 2 });
    await expect(names).toHaveText(["One", "Two", "Three"]);
    await page.getByRole("button", { name: "Move Three up" }).click();
    await done(page, "The order is saved.");
    await expect(names).toHaveText(["One", "Three", "Two"]);
    await page.getByRole("button", { name: "Move One down" }).click();
    await expect(names).toHaveText(["Three", "One", "Two"]);

    await page.getByRole("link", { name: "Edit Three" }).click();
    await page.getByLabel("Default plan").check();
    await page.getByRole("button", { name: "Save" }).last().click();
    await done(page, "Saved.");
    await open(page, shop, "plans");
    const item = (name: string) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { level: 2, name, exact: true }) });
    await expect(item("Three")).toContainText("Default");
    await expect(item("One")).not.toContainText("Default");

    await page.getByRole("button", { name: "Archive Two" }).click();
    await done(page, "Archived.");
    await expect(item("Two")).toContainText("Archived");
    await page.getByRole("button", { name: "Bring back Two" }).click();
    await expect(item("Two")).toContainText("On offer");
  });

  test("are dragged into another order", async ({ page, scripts }) => {
    test.skip(!scripts, "dragging needs scripts; the buttons do the same");
    const shop = await newApplication();
    for (const name of ["One", "Two", "Three"]) await newPlan(shop, { name });
    await open(page, shop, "plans");
    await settled(page, scripts);
    const names = page.getByRole("listitem").getByRole("heading", { level: 2 });
    await page.getByTitle("Drag Three to another place").dragTo(page.getByTitle("Drag One to another place"), { targetPosition: { x: 4, y: 0 } });
    await done(page, "The order is saved.");
    await expect(names).toHaveText(["Three", "One", "Two"]);
    // In place: the page is the same one, and its ends are where they should be.
    expect(page.url()).toMatch(/\/plans$/);
    await expect(page.getByRole("button", { name: "Move Three up" })).toBeDisabled();
    await expect(page.getByRole("button", { name: "Move One up" })).toBeEnabled();
    await expect(page.getByRole("button", { name: "Move Two down" })).toBeDisabled();
    const { plans } = await admin("GET", `/applications/${shop.id}/plans`);
    expect(plans.map((plan: { name: string }) => plan.name)).toEqual(["Three", "One", "Two"]);
  });

  test("are saved by a form where the order cannot be saved in place", async ({ page, scripts, guard }) => {
    test.skip(!scripts, "dragging needs scripts");
    const shop = await newApplication();
    for (const name of ["One", "Two"]) await newPlan(shop, { name });
    await open(page, shop, "plans");
    await settled(page, scripts);
    await page.route("**/rpc/**", (route) => route.abort());
    await page.getByTitle("Drag Two to another place").dragTo(page.getByTitle("Drag One to another place"), { targetPosition: { x: 4, y: 0 } });
    await page.waitForURL("**/plans?done=moved");
    const names = page.getByRole("listitem").getByRole("heading", { level: 2 });
    await expect(names).toHaveText(["Two", "One"]);
    guard.length = 0;
  });

  test("with subscribers are not deleted, but archived", async ({ page }) => {
    const shop = await newApplication();
    const plan = await newPlan(shop, { name: "Basic", isDefault: true });
    for (const name of ["Ani", "Budi"]) await newMember(shop, name);
    await open(page, shop, `plans/${plan.key}`);
    await confirm(page, "Delete this plan");
    await expect(page.getByRole("alert")).toContainText("2 live subscriptions hold this plan");
    await page.getByRole("link", { name: "See the subscribers" }).click();
    await expect(page.getByRole("rowheader")).toContainText(["Ani", "Budi"]);
    await open(page, shop, `plans/${plan.key}`);
    await confirm(page, "Delete this plan");
    await page.getByRole("button", { name: "Archive it instead" }).click();
    await done(page, "Archived.");
  });

  test("without subscribers are deleted", async ({ page }) => {
    const shop = await newApplication();
    const plan = await newPlan(shop, { name: "Basic" });
    await open(page, shop, `plans/${plan.key}`);
    await confirm(page, "Delete this plan");
    await done(page, "Deleted.");
    expect((await admin("GET", `/applications/${shop.id}/plans`)).plans).toEqual([]);
  });
});
