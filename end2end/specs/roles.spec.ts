// Roles and permissions in the dashboard.
import { admin, newApplication, newMember } from "../support/admin";
import { done, enterDashboard, openDashboard as open } from "../support/dashboard";
import { expect, expectPage, test } from "../support/test";

test.beforeEach(async ({ page }) => enterDashboard(page));

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
