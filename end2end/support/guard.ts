// What no page may do, whichever test opens it.
import type { BrowserContext } from "@playwright/test";

/** Collects what goes wrong on the pages of a context. Forms may answer with 4xx; what a page fetches may not. */
export function watch(context: BrowserContext, origins: string[]): string[] {
  const complaints: string[] = [];
  context.on("console", (message) => {
    const answered = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !answered) complaints.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => complaints.push(`script: ${error.error().message}`));
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && !origins.includes(url.origin)) complaints.push(`third party: ${url.href}`);
  });
  context.on("response", (response) => {
    const request = response.request();
    if (!request.isNavigationRequest() && response.status() >= 400) {
      complaints.push(`${response.status()} ${request.method()} ${response.url()}`);
    }
  });
  return complaints;
}
