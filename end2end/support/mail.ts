// The mails that the server sends: in the demo everybody can read them.
import { expect } from "@playwright/test";
import { issuer } from "./oauth";

/** The address of the link in the newest mail to somebody. */
export const mailedLink = (to: string): Promise<string> => mailed(to, "link");

/** The address of the invitation in the newest mail to somebody. */
export const mailedInvitation = (to: string): Promise<string> => mailed(to, "invitation");

async function mailed(to: string, path: string): Promise<string> {
  const page = await fetch(`${issuer}/demo/mailbox?to=${encodeURIComponent(to)}`);
  const link = new RegExp(`href="([^"]*/${path}/[^"]+)"`).exec(await page.text());
  expect(link, `a mail with a link to ${to}`).not.toBeNull();
  return link?.[1] ?? "";
}
