// The features of a plan in the dashboard, as a table and as JSON.
import { admin, newApplication, newPlan } from "../support/admin";
import { done, enterDashboard, openDashboard as open } from "../support/dashboard";
import { settled } from "../support/pages";
import { expect, test } from "../support/test";

test.beforeEach(async ({ page }) => enterDashboard(page));

test.describe("plans", () => {
  test("a feature is judged once it is filled in, and then while it is typed", async ({ page, scripts }) => {
    test.skip(!scripts, "Without scripts the form is judged when it is sent.");
    const shop = await newApplication();
    await open(page, shop, "plans/new");
    await settled(page, scripts);
    const [key, value] = ["Key", "Value"].map((part) => page.getByLabel(`Row 1, ${part}`, { exact: true }));
    const token = page.getByRole("complementary", { name: "Preview" }).locator("pre");
    const fault = page.getByText("“seats” must be a number");
    await key.pressSequentially("seats");
    await key.press("Tab");
    await expect(fault).toHaveCount(0);
    await expect(token).toContainText('"features": {}');
    await value.pressSequentially("7a");
    await expect(fault).toHaveCount(0);
    await value.press("Tab");
    await expect(fault).toBeVisible();
    await expect(value).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByText("1 thing to mend")).toBeVisible();
    await expect(page.getByText("Mend the features to see the token.")).toBeVisible();
    await value.press("End");
    await value.press("Backspace");
    await expect(fault).toHaveCount(0);
    await expect(value).toBeFocused();
    await expect(token).toContainText('"seats": 7');
  });

  test("a feature is in both previews while it is typed", async ({ page, scripts }) => {
    test.skip(!scripts, "The previews follow by script.");
    const shop = await newApplication();
    const plan = await newPlan(shop, { name: "Basic", features: { maxProjects: 50 } });
    await open(page, shop, `plans/${plan.key}`);
    await settled(page, scripts);
    const preview = page.getByRole("complementary", { name: "Preview" });
    await page.getByLabel("Row 1, Value", { exact: true }).press("End");
    await page.keyboard.type("999");
    await expect(preview).toContainText('"maxProjects": 50999');
    await expect(preview).toContainText("Max projects: 50,999");
    await page.getByLabel("Row 1, Key", { exact: true }).press("End");
    await page.keyboard.type("More");
    await expect(preview).toContainText('"maxProjectsMore": 50999');
  });

  test("the first press of a button counts, whatever the field that is left lacks", async ({ page, scripts }) => {
    test.skip(!scripts, "Only scripts change a page between press and release.");
    const shop = await newApplication();
    await open(page, shop, "plans/new");
    await settled(page, scripts);
    const fill = async (key: string, value: string) => {
      await page.getByLabel("Row 1, Key", { exact: true }).fill(key);
      await page.getByLabel("Row 1, Value", { exact: true }).fill(value);
    };
    const press = async (name: string) => {
      const box = await page.getByRole("button", { name, exact: true }).boundingBox();
      if (!box) throw new Error(`no button ${name}`);
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      // What the pressed field brings about has been drawn by the second frame.
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      expect(await page.getByRole("button", { name, exact: true }).boundingBox()).toEqual(box);
      await page.mouse.up();
    };
    const rows = page.getByLabel(/^Row \d+, Key$/);
    await fill("seats", "many");
    await page.getByRole("button", { name: "Add a row" }).scrollIntoViewIfNeeded();
    const before = await rows.count();
    await press("Add a row");
    await expect(rows).toHaveCount(before + 1);
    await expect(page.getByText("“seats” must be a number")).toBeVisible();
    await fill("seats", "7");
    await expect(page.getByText("“seats” must be a number")).toHaveCount(0);
    await press("Remove row 2");
    await expect(rows).toHaveCount(before);
    await fill("", "7");
    await press("Remove row 1");
    await expect(rows).toHaveCount(before - 1);
    await fill("seats", "7");
    await press("JSON");
    await expect(page.getByRole("textbox", { name: "JSON" })).toHaveValue(/"seats": 7/);
  });

  test("features as JSON name the line and column of a fault", async ({ page, scripts }) => {
    const shop = await newApplication();
    const plan = await newPlan(shop, { name: "Basic", features: { maxProjects: 3 } });
    await open(page, shop, `plans/${plan.key}`);
    await settled(page, scripts);
    await page.getByRole("button", { name: "JSON", exact: true }).click();
    const json = page.getByRole("textbox", { name: "JSON" });
    expect(JSON.parse(await json.inputValue())).toEqual({ maxProjects: 3 });
    if (scripts) {
      await json.fill('{\n  "maxProjects": 50,\n  "maxProjects": 51\n}');
      await expect(page.getByRole("button", { name: "line 3, column 3: maxProjects is there twice" })).toBeVisible();
      await expect(json).toHaveAttribute("aria-invalid", "true");
      await json.fill('{\n  "maxProjects": 50,\n  "b": tru\n}');
      await expect(page.getByRole("button", { name: /line 3, column 10:/ })).toBeVisible();
    }
    await json.fill('{\n  "maxProjects": 50,\n  oops\n}');
    if (scripts) {
      await page.getByRole("button", { name: /line 3, column 3/ }).click();
      await expect(json).toBeFocused();
      expect(await json.evaluate((area: HTMLTextAreaElement) => area.value[area.selectionStart])).toBe("o");
    }
    await page.getByRole("button", { name: "Save" }).last().click();
    await expect(page.getByRole("alert").first()).toContainText("line 3, column 3");
    await expect(page.locator("form").getByText("line 3, column 3")).toHaveCount(1);
    await settled(page, scripts);
    await expect(page.getByRole("textbox", { name: "JSON" })).toHaveValue('{\n  "maxProjects": 50,\n  oops\n}');
    await page.getByRole("textbox", { name: "JSON" }).fill('{"maxProjects": 50, "limits": {"deep": [1, 2]}}');
    await page.getByRole("button", { name: "Format" }).click();
    await expect(page.getByRole("textbox", { name: "JSON" })).toHaveValue(/\{\n  "maxProjects": 50,\n/);
    await page.getByRole("button", { name: "Save" }).last().click();
    await done(page, "Saved.");
    const { plans } = await admin("GET", `/applications/${shop.id}/plans`);
    expect(plans[0].features).toEqual({ maxProjects: 50, limits: { deep: [1, 2] } });
  });

  test("markup in a feature stays text", async ({ page, scripts }) => {
    const shop = await newApplication();
    const features = { note: "</textarea><script>document.title = 'bent'</script>" };
    const plan = await newPlan(shop, { name: "Basic", description: "</textarea><b>bold</b>", features });
    await open(page, shop, `plans/${plan.key}`);
    await settled(page, scripts);
    await page.getByRole("button", { name: "JSON", exact: true }).click();
    expect(JSON.parse(await page.getByRole("textbox", { name: "JSON" }).inputValue())).toEqual(features);
    await expect(page.getByLabel("Description")).toHaveValue("</textarea><b>bold</b>");
    await expect(page).toHaveTitle(/^Basic/);
  });

  test("have one blank row of features on a phone", async ({ page, scripts }) => {
    const shop = await newApplication();
    await page.setViewportSize({ width: 412, height: 823 });
    await open(page, shop, "plans/new");
    await settled(page, scripts);
    const keys = page.getByLabel(/^Row \d+, Key$/);
    await expect(keys.filter({ visible: true })).toHaveCount(1);
    await keys.first().fill("maxProjects");
    await page.getByRole("button", { name: "Add a row" }).click();
    await expect(keys.filter({ visible: true })).toHaveCount(2);
    await expect(keys.first()).toHaveValue("maxProjects");
  });
});
