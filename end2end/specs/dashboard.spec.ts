// The dashboard: applications, the Plans tab, users, clients.
import { admin, member, newApplication, newMember, newPlan, people } from "../support/admin";
import { done, enterDashboard, openDashboard as open } from "../support/dashboard";
import { settled, withhold } from "../support/pages";
import { decode, issuer } from "../support/oauth";
import { expect, expectPage, test } from "../support/test";

test.beforeEach(async ({ page }) => enterDashboard(page));

test.describe("the door", () => {
  test("asks who is there, and leads back", async ({ page, visitor, context }) => {
    await context.clearCookies();
    await page.goto("/dashboard");
    await expectPage(page, "Sign in to the dashboard");
    await visitor.signIn(people.superadmin);
    await expectPage(page, "Applications");
    await expect(page.getByRole("heading", { level: 2, name: "Kopi Kita" })).toBeVisible();
  });

  test("stays shut for users, and for what is not there", async ({ page, context }) => {
    expect((await page.goto("/dashboard/no-such-application/plans"))?.status()).toBe(404);
    await expectPage(page, "Page not found");
    await context.clearCookies();
    const { email, password } = people.member;
    await page.request.post("/sign-in", { form: { email, password }, maxRedirects: 0 });
    for (const path of ["/dashboard", "/dashboard/e2e/plans", "/dashboard/applications/new"]) {
      const status = (await page.goto(path))?.status();
      expect([403, 404], path).toContain(status);
      await expect(page.getByRole("link", { name: "Create application" })).toHaveCount(0);
    }
  });

  test("signs out", async ({ page }) => {
    await page.goto("/dashboard");
    await page.getByText("Olga Owner").first().click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expectPage(page, "You are signed out");
    await page.goto("/dashboard");
    await expectPage(page, "Sign in to the dashboard");
  });

  test("speaks Indonesian", async ({ page }) => {
    await page.goto("/dashboard/acme/plans?lang=id");
    await expectPage(page, "Paket", "id");
    await expect(page.getByRole("link", { name: "Buat paket" })).toBeVisible();
  });

  test("says what is wrong in Indonesian, too", async ({ page, scripts }) => {
    await page.goto("/dashboard/applications/new?lang=id");
    await settled(page, scripts);
    await page.getByLabel("Nama", { exact: true }).fill("Toko Buku");
    await page.getByLabel("Nama pendek").fill("Toko Buku");
    await page.getByLabel("URI pengalihan").fill("http://toko.example/callback");
    await page.getByRole("button", { name: "Buat aplikasi" }).click();
    await expect(page.getByRole("alert").getByRole("link")).toHaveText([
      "Nama pendek harus terdiri dari 1 sampai 64 karakter a-z, 0-9 dan -",
      "URI pengalihan http://toko.example/callback harus memakai https, kecuali pada alamat loopback",
    ]);
    await page.getByLabel("Nama pendek").fill("acme");
    await page.getByLabel("URI pengalihan").fill("https://toko.example/callback");
    await page.getByRole("button", { name: "Buat aplikasi" }).click();
    await expect(page.getByRole("alert")).toContainText("Nama pendek sudah dipakai");
  });

  test("says what is wrong with a plan in Indonesian, too", async ({ page, scripts }) => {
    const shop = await newApplication();
    await page.goto(`/dashboard/${shop.slug}/plans/new?lang=id`);
    await settled(page, scripts);
    await page.getByLabel("Nama", { exact: true }).fill("Pro");
    await page.getByLabel("Kunci", { exact: true }).fill("Bukan Kunci");
    await page.getByRole("button", { name: "JSON", exact: true }).click();
    await page.getByRole("textbox", { name: "JSON" }).fill('{"a": 1, "a": 2}');
    await page.getByRole("button", { name: "Buat paket" }).click();
    await expect(page.getByRole("alert").getByRole("link")).toHaveText([
      "Kunci harus terdiri dari 1 sampai 64 karakter a-z, 0-9, _ dan -",
      "Fitur, baris 1, kolom 10: a ada dua kali",
    ]);
    await expect(page.getByText("2 hal perlu diperbaiki")).toBeVisible();
  });
});

test.describe("applications", () => {
  test("a new one shows its secret once", async ({ page, scripts }) => {
    await page.goto("/dashboard");
    await page.getByRole("link", { name: "Create application" }).click();
    await settled(page, scripts);
    const slug = `toko-${crypto.randomUUID().slice(0, 8)}`;
    await page.getByLabel("Name", { exact: true }).fill("Toko Buku");
    if (scripts) await expect(page.getByLabel("Short name")).toHaveValue("toko-buku");
    await page.getByLabel("Short name").fill(slug);
    await page.getByLabel("Redirect URIs").fill("https://toko.example/callback");
    await page.getByRole("button", { name: "Create application" }).click();
    await expect(page.getByRole("heading", { name: "Keep this secret now" })).toBeVisible();
    const secret = (await page.getByText(/^sec_/).first().innerText()).trim();
    const file = await page.getByRole("link", { name: "Download .env" }).getAttribute("href");
    expect(decodeURIComponent(file ?? "")).toContain(secret);
    await page.reload();
    await expect(page.getByRole("heading", { name: "Keep this secret now" })).toHaveCount(0);
    expect(await page.content()).not.toContain(secret);
    expect(page.url()).toContain(`/dashboard/${slug}/clients/`);
  });

  test("a taken short name and a bad address are named", async ({ page }) => {
    await page.goto("/dashboard/applications/new", { waitUntil: "networkidle" });
    await page.getByLabel("Name", { exact: true }).fill("Acme two");
    await page.getByLabel("Short name").fill("acme");
    await page.getByLabel("Redirect URIs").fill("http://toko.example/callback");
    await page.getByRole("button", { name: "Create application" }).click();
    await expect(page.getByRole("alert")).toBeFocused();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Acme two");
    await expect(page.getByLabel("Redirect URIs")).toHaveValue("http://toko.example/callback");
    await page.getByLabel("Redirect URIs").fill("https://toko.example/callback");
    await page.getByRole("button", { name: "Create application" }).click();
    await expect(page.getByRole("alert")).toContainText(/short name is taken|taken/i);
  });

  test("warn of colours that are hard to read, while they are typed", async ({ page, scripts }) => {
    const shop = await newApplication();
    await open(page, shop, "settings");
    await settled(page, scripts);
    const warning = page.getByText("Light: Contrast of text on background is 1.0:1");
    await page.locator("#text").fill("#eeeeee");
    if (!scripts) await page.getByRole("button", { name: "Save" }).click();
    await expect(warning).toBeVisible();
    await page.locator("#text").fill("#222222");
    if (!scripts) await page.getByRole("button", { name: "Save" }).click();
    await expect(warning).toHaveCount(0);
    await page.locator("#brand").fill("#767676");
    await page.locator("#dark_brand").fill("#8b83ff");
    if (!scripts) await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText(/^Light: Contrast of the brand colour on the background is 4\.2:1, below 4\.5:1/)).toBeVisible();
    await expect(page.getByText("Dark: Contrast of the brand")).toHaveCount(0);
  });

  test("deleting asks for the short name", async ({ page }) => {
    const shop = await newApplication();
    await open(page, shop, "settings");
    await page.getByLabel(/^Type .* to confirm$/).fill("something else");
    await page.getByRole("button", { name: "Delete this application" }).click();
    await expect(page.getByRole("alert").first()).toBeVisible();
    await page.getByLabel(/^Type .* to confirm$/).fill(shop.slug);
    await page.getByRole("button", { name: "Delete this application" }).click();
    await expectPage(page, "Applications");
    expect((await page.goto(`/dashboard/${shop.slug}/plans`))?.status()).toBe(404);
  });
});

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

  test("a feature is judged once it is filled in, and then while it is typed", async ({ page, scripts }) => {
    test.skip(!scripts, "Without scripts the form is judged when it is sent.");
    const shop = await newApplication();
    await open(page, shop, "plans/new");
    await settled(page, scripts);
    const [key, value] = ["Key", "Value"].map((part) => page.getByLabel(`Row 1, ${part}`, { exact: true }));
    const token = page.getByRole("complementary", { name: "Preview" }).locator("pre");
    const fault = page.getByText("seats must be a number");
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
    await expect(page.getByText("seats must be a number")).toBeVisible();
    await fill("seats", "7");
    await expect(page.getByText("seats must be a number")).toHaveCount(0);
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

  test("with subscribers are not deleted, but archived", async ({ page }) => {
    const shop = await newApplication();
    const plan = await newPlan(shop, { name: "Basic", isDefault: true });
    for (const name of ["Ani", "Budi"]) await newMember(shop, name);
    await open(page, shop, `plans/${plan.key}`);
    await page.getByRole("button", { name: "Delete this plan" }).click();
    await expect(page.getByRole("alert")).toContainText("2 live subscriptions hold this plan");
    await page.getByRole("link", { name: "See the subscribers" }).click();
    await expect(page.getByRole("rowheader")).toContainText(["Ani", "Budi"]);
    await open(page, shop, `plans/${plan.key}`);
    await page.getByRole("button", { name: "Delete this plan" }).click();
    await page.getByRole("button", { name: "Archive it instead" }).click();
    await done(page, "Archived.");
  });

  test("without subscribers are deleted", async ({ page }) => {
    const shop = await newApplication();
    const plan = await newPlan(shop, { name: "Basic" });
    await open(page, shop, `plans/${plan.key}`);
    await page.getByRole("button", { name: "Delete this plan" }).click();
    await done(page, "Deleted.");
    expect((await admin("GET", `/applications/${shop.id}/plans`)).plans).toEqual([]);
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

test("the sections of an application fit on a phone", async ({ page }) => {
  const shop = await newApplication();
  for (const [width, height] of [[390, 844], [320, 640]] as const) {
    await page.setViewportSize({ width, height });
    for (const language of ["en", "id"]) {
      await page.goto(`/dashboard/${shop.slug}/users?lang=${language}`);
      const links = page.getByRole("navigation", { name: /^(Application|Aplikasi)$/ }).getByRole("link");
      await expect(links).toHaveCount(11);
      for (const link of await links.all()) {
        const box = await link.boundingBox();
        expect(box && box.x >= 0 && box.x + box.width <= width, `${language}, ${width}`).toBe(true);
      }
    }
  }
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
    await expect(page.getByRole("alert")).toContainText("Jumlah harus ditulis seperti 9,99");
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
    await expect(page.locator("#amount-error")).toHaveText("must be written like 9.99");
    await page.getByLabel("Amount").fill("9.99");
    await expect(page.locator("#amount-error")).toHaveCount(0);
    await expect(card).toContainText("$9.99");
    await expect(page.getByText("People read $9.99")).toBeVisible();
  });
});

test.describe("users", () => {
  test("are found, granted access, and filtered by plan", async ({ page }) => {
    const shop = await newApplication();
    await newPlan(shop, { name: "Basic", isDefault: true });
    const pro = await newPlan(shop, { name: "Pro" });
    const [ani] = [await newMember(shop, "Ani Lestari"), await newMember(shop, "Budi Hartono")];
    await admin("PUT", `/applications/${shop.id}/users/${ani.id}/subscription`, { planId: pro.id });
    await open(page, shop, "users");
    await expect(page.getByRole("rowheader")).toContainText(["Ani Lestari", "Budi Hartono"]);
    await page.getByLabel("Search by name or email").fill("hartono");
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page.getByRole("rowheader")).toContainText(["Budi Hartono"]);
    expect(page.url()).toContain("q=hartono");
    await page.getByRole("link", { name: "Clear" }).click();
    await page.getByRole("search").getByLabel("Plan").selectOption("Pro");
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page.getByRole("rowheader")).toContainText(["Ani Lestari"]);

    await open(page, shop, "users");
    const grant = page.locator("form").filter({ has: page.getByRole("button", { name: "Grant access" }) });
    await grant.getByLabel("Email").fill("nobody-at-all@example.com");
    await grant.getByRole("button", { name: "Grant access" }).click();
    await expect(page.getByRole("alert").first()).toContainText("nobody's address on this server");
    await expect(grant.getByLabel("Email")).toHaveValue("nobody-at-all@example.com");
    await grant.getByLabel("Email").fill(people.member.email);
    await grant.getByRole("button", { name: "Grant access" }).click();
    await done(page, "Access granted.");
    expect((await member(shop, people.member.email)).status).toBe("active");
  });

  test("get a plan with an end, and lose it", async ({ page }) => {
    const shop = await newApplication();
    const pro = await newPlan(shop, { name: "Pro", features: { export: true } });
    const user = await newMember(shop);
    await open(page, shop, `users/${user.id}`);
    await expectPage(page, "Sari Dewi");
    await page.locator("select#plan").selectOption(pro.id);
    await page.getByLabel("Expires").fill("2020-01-01T00:00");
    await page.getByRole("button", { name: "Assign", exact: true }).click();
    await expect(page.getByRole("alert").first()).toContainText("future");
    await page.getByLabel("Expires").fill("2037-01-01T10:00");
    await page.getByRole("button", { name: "Assign", exact: true }).click();
    await done(page, "Plan assigned.");
    await expect(page.getByRole("main")).toContainText("Expires 1 January 2037, 10:00 UTC");
    const path = `/applications/${shop.id}/users/${user.id}/subscription`;
    expect((await admin("GET", path)).subscription).toMatchObject({ planId: pro.id, expiresAt: "2037-01-01T10:00:00Z" });
    await page.getByRole("button", { name: "End the subscription" }).click();
    await done(page, "The subscription has ended.");
    await expect(page.getByRole("main")).toContainText("No plan");
  });

  test("show what their token contains, and why", async ({ page, scripts }) => {
    const shop = await newApplication();
    await newPlan(shop, { name: "Basic", isDefault: true, features: { maxProjects: 3 } });
    const user = await newMember(shop);
    await open(page, shop, `users/${user.id}`);
    await settled(page, scripts);
    const token = page.locator("#token");
    await expect(token.getByRole("row").filter({ hasText: "maxProjects" })).toContainText("plan Basic");
    await expect(token.getByRole("row").filter({ hasText: '"basic"' })).toContainText("the subscription");

    const form = page.locator("#claims-form");
    if ((await form.getByLabel("Row 1, Key", { exact: true }).count()) === 0) {
      await form.getByRole("button", { name: "Add a row" }).click();
    }
    await form.getByLabel("Row 1, Key", { exact: true }).fill("email");
    await form.getByLabel("Row 1, Type", { exact: true }).selectOption({ label: "number" });
    await form.getByLabel("Row 1, Value", { exact: true }).fill("5");
    await form.getByRole("button", { name: "Save claims" }).last().click();
    await expect(page.getByRole("alert").first()).toBeVisible();
    await form.getByLabel("Row 1, Key", { exact: true }).fill("seats");
    await form.getByRole("button", { name: "Save claims" }).last().click();
    await done(page, "Saved.");
    await expect(token.getByRole("row").filter({ hasText: "seats" })).toContainText("custom claim");
    await token.getByText("As JSON").click();
    const shown = JSON.parse(await token.locator("pre").innerText());
    expect(shown).toMatchObject({ plan: "basic", features: { maxProjects: 3 }, claims: { plan: "basic", seats: 5 } });
  });

  test("are suspended, let in again, and revoked", async ({ page }) => {
    const shop = await newApplication();
    const user = await newMember(shop);
    await open(page, shop, `users/${user.id}`);
    await page.getByRole("button", { name: "Suspend" }).click();
    await done(page, "Suspended.");
    await expect(page.locator("#token, section").filter({ hasText: "What this user's token contains" }).first()).toContainText(
      "No token: access is not active.",
    );
    await page.getByRole("button", { name: "Reactivate" }).click();
    await done(page, "Active again.");
    await page.getByRole("button", { name: "Revoke access" }).click();
    await done(page, "Access revoked.");
    expect((await member(shop, user.email)).status).toBe("revoked");
    await page.getByRole("button", { name: "Grant access again" }).click();
    expect((await member(shop, user.email)).status).toBe("active");
  });
});

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

test.describe("roles", () => {
  test("are made with their permissions, named, and deleted", async ({ page }) => {
    const shop = await newApplication();
    const user = await newMember(shop);
    await open(page, shop, "roles");
    await page.getByLabel("Permission", { exact: true }).fill("Invoices");
    await page.getByRole("button", { name: "Add permission" }).click();
    await expect(page.getByRole("alert").first()).toBeFocused();
    await expect(page.getByLabel("Permission", { exact: true })).toHaveValue("Invoices");
    for (const permission of ["invoices", "invoices.write"]) {
      await page.getByLabel("Permission", { exact: true }).fill(permission);
      await page.getByRole("button", { name: "Add permission" }).click();
      await expect(page.getByRole("button", { name: `Delete ${permission}`, exact: true })).toBeVisible();
    }
    await page.getByLabel("Role name").fill("editor");
    await page.getByRole("button", { name: "Create role" }).click();
    await expectPage(page, "editor");
    await page.getByLabel("invoices.write").check();
    await page.getByLabel("Role name").fill("writer");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await done(page, "Saved.");
    await expectPage(page, "writer");
    const { roles } = await admin("GET", `/applications/${shop.id}/roles`);
    const made = roles.find((role: { name: string }) => role.name === "writer");
    expect(made.permissions.map((permission: { name: string }) => permission.name)).toEqual(["invoices.write"]);

    await admin("PATCH", `/applications/${shop.id}/users/${user.id}`, { roles: [made.id] });
    const remove = async () => {
      await page.getByLabel("Type writer to confirm").fill("writer");
      await page.getByRole("button", { name: "Delete this role" }).click();
    };
    await remove();
    await expect(page.getByRole("alert").first()).toContainText("The role is in use.");
    await admin("PATCH", `/applications/${shop.id}/users/${user.id}`, { roles: [] });
    await remove();
    await done(page, "Deleted.");
    await expect(page.getByRole("link", { name: "writer" })).toHaveCount(0);
    await page.getByRole("link", { name: "admin", exact: true }).click();
    await expect(page.getByLabel("Role name")).not.toBeEditable();
    await expect(page.getByRole("button", { name: "Delete this role" })).toHaveCount(0);
  });
});

test.describe("clients", () => {
  test("get a new secret beside the old one", async ({ page }) => {
    const shop = await newApplication();
    const { clients } = await admin("GET", `/applications/${shop.id}/clients`);
    await open(page, shop, `clients/${clients[0].id}`);
    await page.getByRole("button", { name: "Rotate the secret" }).click();
    await expect(page.getByRole("heading", { name: "Keep this secret now" })).toBeVisible();
    const secret = (await page.getByText(/^sec_/).first().innerText()).trim();
    await expect(page.getByRole("main")).toContainText("works until");
    const grants = ["authorization_code", "refresh_token", "client_credentials"];
    await admin("PATCH", `/applications/${shop.id}/clients/${clients[0].id}`, { grants });
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id: clients[0].clientId, client_secret: secret });
    const answer = await fetch(`${issuer}/oauth2/token`, { method: "POST", body });
    expect(decode((await answer.json()).access_token).sub).toBe(clients[0].clientId);
  });

  test("of both kinds are made, changed and deleted", async ({ page }) => {
    const shop = await newApplication();
    await open(page, shop, "clients");
    await page.getByRole("link", { name: "Create client" }).click();
    await page.getByLabel("Public", { exact: true }).check();
    await page.getByLabel("Name", { exact: true }).fill("Ponsel");
    await page.getByLabel("Redirect URIs", { exact: true }).fill("http://127.0.0.1/callback\ncom.example.ponsel:/back");
    await page.getByRole("button", { name: "Create client" }).click();
    await expectPage(page, "Ponsel");
    await expect(page.getByRole("button", { name: "Rotate the secret" })).toHaveCount(0);
    await page.getByLabel("Signing algorithm").selectOption("EdDSA");
    await page.getByLabel("Redirect URIs", { exact: true }).fill("http://everywhere.example/");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("alert").first()).toBeFocused();
    await expect(page.getByLabel("Redirect URIs", { exact: true })).toHaveValue("http://everywhere.example/");
    await page.getByLabel("Redirect URIs", { exact: true }).fill("https://ponsel.example/callback");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await done(page, "Saved.");
    const { clients } = await admin("GET", `/applications/${shop.id}/clients`);
    const made = clients.find((client: { name: string }) => client.name === "Ponsel");
    expect(made).toMatchObject({ idTokenAlg: "EdDSA", redirectUris: ["https://ponsel.example/callback"] });
    await page.getByLabel(/^Type .* to confirm$/).fill(made.clientId);
    await page.getByRole("button", { name: "Delete this client" }).click();
    await done(page, "Deleted.");
  });

  test("prove themselves by keys instead of a secret", async ({ page }) => {
    const shop = await newApplication();
    const { clients } = await admin("GET", `/applications/${shop.id}/clients`);
    await open(page, shop, `clients/${clients[0].id}`);
    await page.getByLabel("By keys at an address").check();
    await page.getByLabel("Address of the keys").fill("http://app.example/jwks.json");
    await page.getByLabel("Back-channel logout URI").fill("https://app.example/logout");
    await page.getByLabel("Only pushed authorization requests (PAR)").check();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("alert").first()).toContainText("Address of the keys must use https");
    await expect(page.getByLabel("By keys at an address")).toBeChecked();
    await page.getByLabel("Address of the keys").fill("https://app.example/jwks.json");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await done(page, "Saved.");
    await expect(page.getByRole("button", { name: "Rotate the secret" })).toHaveCount(0);
    const after = await admin("GET", `/applications/${shop.id}/clients`);
    expect(after.clients[0]).toMatchObject({
      tokenEndpointAuthMethod: "private_key_jwt",
      keys: { jwksUri: "https://app.example/jwks.json" },
      backchannelLogoutUri: "https://app.example/logout",
      requirePushedAuthorizationRequests: true,
      dpopBoundAccessTokens: false,
    });
  });

  test("register themselves with a token, until it is revoked", async ({ page }) => {
    const shop = await newApplication();
    await open(page, shop, "clients");
    await page.getByRole("link", { name: "Registration tokens" }).click();
    await expectPage(page, "Registration tokens");
    await expect(page.getByRole("heading", { name: "No registration tokens yet" })).toBeVisible();
    await page.getByLabel("Name").fill("Mitra");
    await page.getByLabel("Days").fill("366");
    await page.getByRole("button", { name: "Make token" }).click();
    await expect(page.getByRole("alert").first()).toContainText("Days must be 1 to 365");
    await page.getByLabel("Days").fill("7");
    await page.getByRole("button", { name: "Make token" }).click();
    await expect(page.getByRole("heading", { name: "Keep this token now" })).toBeVisible();
    const token = (await page.getByText(/^reg_[^…]+$/).first().innerText()).trim();
    const register = () =>
      fetch(`${issuer}/oauth2/register`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ redirect_uris: ["https://mitra.example/callback"] }),
      });
    expect((await register()).status).toBe(201);
    await page.reload();
    await expect(page.getByRole("heading", { name: "Keep this token now" })).toHaveCount(0);
    await page.getByRole("button", { name: "Revoke Mitra" }).click();
    await done(page, "The token registers nobody any more.");
    expect((await register()).status).toBe(401);
  });
});
