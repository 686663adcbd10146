// The first minutes of a server: its one-time link makes the first superadmin.
import { password } from "../support/admin";
import { faults } from "../support/axe";
import { startServer } from "../support/server";
import { expect, expectPage, test } from "../support/test";

test("the printed link makes the first superadmin, once", async ({ page, guard, scripts }) => {
  const server = await startServer();
  try {
    await page.goto(server.setup);
    await expectPage(page, "Set up Turnpike");
    // The form of a server that is in use is closed, so that a11y.spec.ts never sees it. axe runs inside the page.
    for (const colorScheme of scripts ? (["light", "dark"] as const) : []) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      expect(await faults(page), colorScheme).toEqual([]);
    }
    await page.getByLabel("Name").fill("Olga Owner");
    await page.getByLabel("Email").fill("owner@example.com");
    await page.getByLabel("Password", { exact: true }).fill("password1");
    await page.getByRole("button", { name: "Create superadmin" }).click();
    await expect(page.getByRole("alert")).toBeFocused();
    await expect(page.getByLabel("Email")).toHaveValue("owner@example.com");
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Create superadmin" }).click();
    await expectPage(page, "Applications");
    expect(page.url()).toBe(`${server.url}/dashboard`);
    await expect(page.getByRole("heading", { name: "No applications yet" })).toBeVisible();
    await page.getByRole("link", { name: "Create application" }).first().click();
    await expectPage(page, "New application");
    expect((await page.goto(server.setup))?.status()).toBeGreaterThanOrEqual(400);
    await expectPage(page, "This setup link cannot be used");
  } finally {
    expect(await server.stop()).toBe(0);
  }
  // This server is nobody's third party.
  const others = guard.filter((complaint) => !complaint.startsWith(`third party: ${server.url}/`));
  guard.splice(0, guard.length, ...others);
});
