// An application's users in the dashboard: access, plans, claims.
import { admin, member, newApplication, newMember, newPlan, people } from "../support/admin";
import { done, enterDashboard, openDashboard as open } from "../support/dashboard";
import { settled } from "../support/pages";
import { confirm, expect, expectPage, test } from "../support/test";

test.beforeEach(async ({ page }) => enterDashboard(page));

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
    await confirm(page, "End the subscription");
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

  test("are signed out everywhere", async ({ page }) => {
    const shop = await newApplication();
    const user = await newMember(shop);
    await open(page, shop, `users/${user.id}`);
    await confirm(page, "Sign out everywhere");
    await done(page, "They are signed out everywhere.");
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
    await confirm(page, "Revoke access");
    await done(page, "Access revoked.");
    expect((await member(shop, user.email)).status).toBe("revoked");
    await page.getByRole("button", { name: "Grant access again" }).click();
    expect((await member(shop, user.email)).status).toBe("active");
  });
});
