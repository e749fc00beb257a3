import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import type { Arrival } from "./webhook-receiver.ts";

/** The `v1=` values of `X-AsyncQueue-Signature` with their timestamp. */
const parseOwnSignature = (arrival: Arrival): { timestamp: string; signatures: string[] } => {
	const parts = String(arrival.headers["x-asyncqueue-signature"]).split(",");
	const values = (name: string) =>
		parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
	return { timestamp: values("t")[0] ?? "", signatures: values("v1") };
};

export const ownSignatureCount = (arrival: Arrival): number => parseOwnSignature(arrival).signatures.length;

/** What a receiver does by hand: HMAC-SHA256 over "t.body" with the API key as it is. */
export const verifiesByHand = (arrival: Arrival, apiKey: string): boolean => {
	const { timestamp, signatures } = parseOwnSignature(arrival);
	const expected = createHmac("sha256", apiKey).update(`${timestamp}.${arrival.rawBody}`).digest("hex");
	return signatures.includes(expected);
};

/** What a receiver does with the official Standard Webhooks library, which also checks the age. */
export const verifiesByStandardWebhooks = (arrival: Arrival, apiKey: string): boolean => {
	const webhook = new Webhook(`whsec_${Buffer.from(apiKey).toString("base64")}`);
	try {
		webhook.verify(arrival.rawBody, arrival.headers as Record<string, string>);
		return true;
	} catch {
		return false;
	}
};
