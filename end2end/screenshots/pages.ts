// One test per page and way of looking at it; the picture goes to SCREENSHOTS.
import { dashboardPages, pages, settled } from "../support/pages";
import { test } from "../support/test";

const desktop = { width: 1280, height: 800 };
const ways = [
  { way: "light-en", viewport: desktop, scheme: "light", language: "en" },
  { way: "dark-en", viewport: desktop, scheme: "dark", language: "en" },
  { way: "light-id", viewport: desktop, scheme: "light", language: "id" },
  { way: "phone-en", viewport: { width: 412, height: 823 }, scheme: "light", language: "en" },
  { way: "phone-dark-id", viewport: { width: 412, height: 823 }, scheme: "dark", language: "id" },
] as const;

for (const { name, open } of [...pages, ...dashboardPages]) {
  for (const { way, viewport, scheme, language } of ways) {
    test.describe(() => {
      test.use({ viewport, colorScheme: scheme, locale: language });
      test(`${name} ${way}`, async ({ visitor, page }) => {
        await open(visitor);
        await settled(page, true);
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-${way}.png`, fullPage: true });
      });
    });
  }
}
