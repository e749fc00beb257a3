import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient } from "../support/api-client.ts";
import type { ListeningProgram } from "../support/listening-program.ts";
import { newApiKey, startServer } from "../support/server-process.ts";
import { ownSignatureCount, verifiesByHand, verifiesByStandardWebhooks } from "../support/signature-check.ts";
import { type Arrival, WebhookReceiver } from "../support/webhook-receiver.ts";
import type { ApiKeyView } from "../support/wire-format.ts";

const OVERLAP_SECONDS = 2;
const SENDERS = 4;

let server: ListeningProgram;
let receiver: WebhookReceiver;
let api: ApiClient;
beforeAll(async () => {
	const apiKey = newApiKey();
	[server, receiver] = await Promise.all([
		startServer({ dataDir: ":memory:", apiKey }),
		WebhookReceiver.open(),
	]);
	api = new ApiClient(server.url, apiKey);
});
afterAll(async () => {
	await api.close();
	await receiver.close();
	await server.stop();
});

const verifies = (arrival: Arrival, key: string): boolean =>
	verifiesByHand(arrival, key) && verifiesByStandardWebhooks(arrival, key);

/** A call, and when its task was created: it was signed between then and its arrival. */
type Delivery = Readonly<{ createdAt: number; arrival: Arrival }>;

describe("a key that is rotated while its tasks are being delivered", () => {
	test("signs every call so that a receiver with the old key, the new key or both can verify it", async () => {
		const old = await api.expectCall<ApiKeyView>(201, "POST", "/v1/apikeys", { json: { name: "rotated" } });
		const hook = receiver.hook();
		const deliveries: Delivery[] = [];
		/** Has tasks delivered one after the other, by several senders at once, until one arrives after that instant. */
		const deliverUntil = async (sender: ApiClient, whenOver: Promise<number>) => {
			let isOver = false;
			const deliverOneByOne = async () => {
				for (let sent = 0; !isOver && sent < 5_000; sent += 1) {
					const createdAt = Date.now();
					const { id } = await sender.createTask({ queue: "rotation", webhook_url: hook.url });
					deliveries.push({ createdAt, arrival: await hook.next(({ body }) => body.task_id === id) });
				}
			};
			const senders = Promise.all(Array.from({ length: SENDERS }, deliverOneByOne));
			const instant = await whenOver;
			await Promise.race([hook.next(({ at }) => at > instant), senders]);
			isOver = true;
			await senders;
		};

		const answered = Promise.withResolvers<number>();
		const before = deliverUntil(api.withKey(old.key), answered.promise);
		await hook.arrival(20);
		const askedAt = Date.now();
		const rotated = await api.expectCall<ApiKeyView>(200, "POST", `/v1/apikeys/${old.id}/rotate`, {
			json: { overlap_seconds: OVERLAP_SECONDS },
		});
		const answeredAt = Date.now();
		answered.resolve(answeredAt);
		const overlap = Promise.resolve(answeredAt + OVERLAP_SECONDS * 1_000 + 100);
		await Promise.all([before, deliverUntil(api.withKey(rotated.key), overlap)]);

		const overlapEnds = {
			earliest: askedAt + OVERLAP_SECONDS * 1_000,
			latest: answeredAt + OVERLAP_SECONDS * 1_000,
		};
		for (const { createdAt, arrival } of deliveries) {
			expect(ownSignatureCount(arrival)).toBeGreaterThan(0);
			expect(verifies(arrival, old.key) || verifies(arrival, rotated.key)).toBe(true);
			if (arrival.at < overlapEnds.earliest) expect(verifies(arrival, old.key)).toBe(true);
			if (createdAt > answeredAt) expect(verifies(arrival, rotated.key)).toBe(true);
			if (createdAt > overlapEnds.latest) expect(verifies(arrival, old.key)).toBe(false);
		}
		const seen = (from: number, to: number) =>
			deliveries.filter(({ createdAt, arrival }) => createdAt > from && arrival.at < to).length;
		expect(seen(0, askedAt)).toBeGreaterThan(0);
		expect(seen(answeredAt, overlapEnds.earliest)).toBeGreaterThan(0);
		expect(seen(overlapEnds.latest, Number.POSITIVE_INFINITY)).toBeGreaterThan(0);
	});
});
