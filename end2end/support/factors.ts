// An authenticator app, and how it is set up without going through the forms.
import { createHmac } from "node:crypto";
import type { Page } from "@playwright/test";
import { expect } from "./test";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code that an app with this key shows; `ahead` is how many half minutes its clock is fast. */
export function totp(key: string, ahead = 0): string {
  const bits = [...key.replaceAll(" ", "")].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const tag = createHmac("sha1", bytes).update(step).digest();
  const word = tag.readUInt32BE(tag[19] & 15) & 0x7fffffff;
  return String(word % 1_000_000).padStart(6, "0");
}

/** Sets an app up for who is signed in, and gives its key. The code of now is used up by it. */
export async function setUpApp(page: Page): Promise<string> {
  const shown = await (await page.request.get("/account/security/authenticator")).text();
  const key = /id="totp-key"[^>]*>([^<]+)</.exec(shown)?.[1] ?? "";
  const enrolment = /name="enrolment" value="([^"]+)"/.exec(shown)?.[1] ?? "";
  const form = { enrolment, code: totp(key) };
  const done = await page.request.post("/account/security/authenticator", { form });
  expect(await done.text()).toContain("recovery-codes");
  return key;
}
