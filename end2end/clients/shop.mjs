// An application of the demo server that a payment provider collects for, made over the admin API, and its address
// for that provider's notifications.
import assert from "node:assert/strict";

const { TURNPIKE_URL: server, ADMIN_KEY: adminKey } = process.env;

export async function call(method, path, body, credentials = `Bearer ${adminKey}`) {
  const headers = { authorization: credentials, "content-type": "application/json" };
  const answer = await fetch(`${server}/api/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text && JSON.parse(text);
}

/// Its id, and the credentials of its client as Basic.
export async function shop(provider, keys) {
  const back = "https://app.example/";
  const made = await call("POST", "admin/applications", {
    name: `Paid by ${provider}`,
    slug: `${provider}-${crypto.randomUUID().slice(0, 8)}`,
    paymentProvider: provider,
    returnUrls: [back],
  });
  const { id } = made.application;
  await call("PUT", `admin/applications/${id}/payment-settings/${provider}`, keys);
  const basic = `Basic ${Buffer.from(`${made.clientId}:${made.clientSecret}`).toString("base64")}`;
  return { id, basic, back };
}

/// What a provider posts: the status, and the code where it was refused.
export async function notify(path, body, headers = {}) {
  const answer = await fetch(`${server}/api/webhooks/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const text = await answer.text();
  return [answer.status, text ? JSON.parse(text).error.code : null];
}
