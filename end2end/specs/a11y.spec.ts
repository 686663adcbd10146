// axe on every page, light and dark, on a desktop and on a phone; and the keyboard.
import { faults } from "../support/axe";
import { dashboardPages, pages, settled } from "../support/pages";
import { expect, test } from "../support/test";

/** The rules whose answer depends on colours and sizes. */
const looks = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"];
const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 412, height: 823 } };

/** Operations of the API look alike: in each further look the first of every group stands for these. */
const alike = "section.tag [aria-labelledby] ~ [aria-labelledby]";

for (const { name, open } of [...pages, ...dashboardPages]) {
  test(`${name} is accessible`, async ({ visitor, page }) => {
    // The description of the API is long, and axe looks at all of it.
    test.setTimeout(600_000);
    await page.setViewportSize(sizes.desktop);
    await open(visitor);
    await settled(page, true);
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    await expect(page).toHaveTitle(/.+/);
    let seen = false;
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        // What the document says is the same in every look.
        const serious = await faults(page, seen ? looks : undefined);
        await page.locator(alike).evaluateAll((others) => others.forEach((other) => ((other as HTMLElement).style.display = "none")));
        seen = true;
        expect(serious, `${size}, ${colorScheme}`).toEqual([]);
      }
    }
    await page.locator(alike).evaluateAll((others) => others.forEach((other) => (other as HTMLElement).style.removeProperty("display")));
    await page.setViewportSize({ width: 320, height: 640 });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wider, "reflows at 320 pixels").toBeLessThanOrEqual(0);
  });
}

test("the keyboard alone signs in, and shows where it is", async ({ visitor, page }) => {
  await visitor.open();
  await page.keyboard.type("nobody@example.com");
  const seen: string[] = [];
  for (let step = 0; step < 30; step += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      const { width, height } = element.getBoundingClientRect();
      const visible = (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
      return { what: element.outerHTML.slice(0, 100), visible, width, height, name: element.textContent?.trim() };
    });
    if (!focus) break;
    expect(focus.visible, focus.what).toBe(true);
    expect(Math.max(focus.width, focus.height), focus.what).toBeGreaterThanOrEqual(16);
    seen.push(focus.name ?? "");
  }
  expect(seen).toContain("Sign in");
  expect(seen).toContain("Create an account");
  expect(seen).toContain("Bahasa Indonesia");
});

test("the keyboard passes the menu of one's own account", async ({ visitor, page }) => {
  await visitor.arrive();
  await page.goto("/account");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();
});

test("a choice of plan needs the keyboard alone", async ({ visitor, page }) => {
  const { request } = await visitor.register();
  await settled(page, true);
  await page.getByRole("radio", { name: "Free" }).focus();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: "Pro" })).toBeChecked();
  await expect(page.getByRole("radio", { name: "Pro" })).toBeFocused();
  await page.keyboard.press("Enter");
  expect((await visitor.tokens(request)).id.plan).toBe("pro");
});

test("the summary of errors has the focus", async ({ visitor, page }) => {
  await visitor.open();
  await visitor.signIn({ email: "nobody@example.com", password: "not the password" });
  await expect(page.getByRole("alert")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("Email")).toBeFocused();
});
