// Applications in the dashboard: made, coloured, and deleted.
import { newApplication } from "../support/admin";
import { enterDashboard, openDashboard as open } from "../support/dashboard";
import { settled } from "../support/pages";
import { expect, expectPage, test } from "../support/test";

test.beforeEach(async ({ page }) => enterDashboard(page));

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
