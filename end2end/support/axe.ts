// axe, in the page itself and once for all looks: through `@axe-core/playwright` every look opens a page of its own, and
// brings what passed as well.
import axe from "axe-core";
import type { Page } from "@playwright/test";

declare global {
  interface Window {
    axe?: typeof axe;
  }
}

/** What is seriously wrong with a page as it stands, by these rules or by all of them. No page has frames or sounds. */
export async function faults(page: Page, rules?: string[]): Promise<string[]> {
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  return page.evaluate(async (rules) => {
    const { violations } = await window.axe!.run(document, {
      ...(rules && { runOnly: { type: "rule" as const, values: rules } }),
      resultTypes: ["violations"],
      iframes: false,
      preload: false,
    });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("\n")}`);
  }, rules);
}
