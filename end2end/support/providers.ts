// The stand-ins for Stripe and Midtrans, which the server under test takes for the real ones.
import { issuer } from "./oauth";
import { expect } from "./test";

const given = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: scripts/test.sh e2e starts the stand-ins`);
  return value;
};

export interface StandIn {
  origin: string;
  /** What the account's owner enters in the dashboard. */
  key: string;
}

export const stripe = (): StandIn & { webhookSecret: string } => ({
  origin: given("STRIPE_URL"),
  key: given("STRIPE_KEY"),
  webhookSecret: given("STRIPE_WEBHOOK_SECRET"),
});
export const midtrans = (): StandIn => ({ origin: given("MIDTRANS_URL"), key: given("MIDTRANS_KEY") });

/** Plays what is not the customer's: the bank, time, the notifications. */
export async function act(provider: StandIn, verb: string, body: object = {}): Promise<any> {
  const answer = await fetch(`${provider.origin}/fake/${verb}`, { method: "POST", body: JSON.stringify(body) });
  const value = await answer.json();
  expect(answer.ok, JSON.stringify(value)).toBe(true);
  return value;
}

/** Its clock stands still between calls: this sets it to now. */
export async function onTime(provider: StandIn): Promise<void> {
  const { now } = await act(provider, "clock");
  await act(provider, "clock", { seconds: Math.floor(Date.now() / 1000) - now });
}

async function post(path: string, body: string, headers: Record<string, string> = {}): Promise<number> {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
  return (await fetch(new URL(`/api/webhooks/${path}`, issuer), init)).status;
}

/** Hands what Stripe has to tell to the server, as Stripe does; answers its kinds. */
export async function deliverStripe(application: string): Promise<string[]> {
  const provider = stripe();
  await onTime(provider);
  const deliveries = await act(provider, "deliveries");
  for (const { body, signature } of deliveries) {
    expect(await post(`stripe/${application}`, body, { "stripe-signature": signature })).toBe(200);
  }
  return deliveries.map(({ type }: { type: string }) => type);
}

/** Hands what Midtrans has to tell to the server; answers the bodies. */
export async function deliverMidtrans(): Promise<{ order_id: string; transaction_status: string }[]> {
  const bodies: string[] = await act(midtrans(), "notifications");
  for (const body of bodies) expect(await post("midtrans", body)).toBe(200);
  return bodies.map((body) => JSON.parse(body));
}

/** Asks Stripe's API, as its dashboard would show it. */
export async function atStripe(path: string): Promise<any> {
  const { origin, key } = stripe();
  const answer = await fetch(`${origin}/v1/${path}`, { headers: { authorization: `Bearer ${key}` } });
  expect(answer.status).toBe(200);
  return answer.json();
}
