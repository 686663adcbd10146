// The dashboard: its door, and how it fits on a phone.
import { newApplication, people } from "../support/admin";
import { enterDashboard } from "../support/dashboard";
import { settled } from "../support/pages";
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
      "Nama pendek: harus terdiri dari 1 sampai 64 karakter a-z, 0-9 dan -",
      "URI pengalihan: “http://toko.example/callback” harus memakai https, kecuali pada alamat loopback",
    ]);
    await page.getByLabel("Nama pendek").fill("acme");
    await page.getByLabel("URI pengalihan").fill("https://toko.example/callback");
    await page.getByRole("button", { name: "Buat aplikasi" }).click();
    await expect(page.getByRole("alert")).toContainText("Nama pendek: sudah dipakai");
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
      "Kunci: harus terdiri dari 1 sampai 64 karakter a-z, 0-9, _ dan -",
      "Fitur, baris 1, kolom 10: a ada dua kali",
    ]);
    await expect(page.getByText("2 hal perlu diperbaiki")).toBeVisible();
  });
});

test("the sections of an application fit on a phone", async ({ page }) => {
  const shop = await newApplication();
  for (const [width, height] of [[390, 844], [320, 640]] as const) {
    await page.setViewportSize({ width, height });
    for (const language of ["en", "id"]) {
      await page.goto(`/dashboard/${shop.slug}/users?lang=${language}`);
      const links = page.getByRole("navigation", { name: /^(Application|Aplikasi)$/ }).getByRole("link");
      await expect(links).toHaveCount(0);
      await page.locator("summary").filter({ hasText: /^Menu: (Users|Pengguna)$/ }).click();
      await expect(links).toHaveCount(11);
      for (const link of await links.all()) {
        const box = await link.boundingBox();
        expect(box && box.x >= 0 && box.x + box.width <= width, `${language}, ${width}`).toBe(true);
      }
    }
  }
});

test("an open menu closes by Escape, and by a press elsewhere", async ({ page, scripts }) => {
  if (!scripts) return;
  await page.goto("/dashboard/acme/plans", { waitUntil: "networkidle" });
  const switcher = page.locator("summary").filter({ hasText: "Switch application" });
  const all = page.getByRole("link", { name: "All applications" });
  await switcher.click();
  await expect(all).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(all).toBeHidden();
  await expect(switcher).toBeFocused();
  await switcher.click();
  await expect(all).toBeVisible();
  await page.getByRole("heading", { level: 1 }).click();
  await expect(all).toBeHidden();
});
