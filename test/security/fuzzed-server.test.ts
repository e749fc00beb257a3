import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fuzzLane } from "../fuzz/api-fuzz.ts";
import { apiRequests } from "../fuzz/api-requests.ts";
import { quickCases } from "../fuzz/campaign.ts";
import { type FuzzTarget, openFuzzTarget } from "../fuzz/fuzz-target.ts";
import { KnownIds } from "../fuzz/known-ids.ts";
import { rawFaults } from "../fuzz/raw-case.ts";

/** The long version is `npm run fuzz`. */
const REQUESTS = 1_000;
const LANES = 4;
const SEED = 20_261_124;

let target: FuzzTarget;
beforeAll(async () => {
	target = await openFuzzTarget();
});
afterAll(async () => {
	const { code, output } = await target.close();
	expect(output).not.toContain('"level":"error"');
	expect(code).toBe(0);
});

describe("the server copes with", () => {
	it.each(quickCases.map((raw) => [raw.name, raw] as const))("%s", async (_, raw) => {
		const { keys, webhookUrl, port } = target;
		expect(await rawFaults(raw, port, { key: keys.live, webhookUrl })).toEqual([]);
		await target.assertHealthy();
	});
});

describe("the server", () => {
	it("answers generated requests with a result or a complete problem, and never with 5xx", async () => {
		const { server, keys, webhookUrl } = target;
		const statuses: number[] = [];
		const known = new KnownIds();
		const lanes = Array.from({ length: LANES }, (_, lane) =>
			fuzzLane({
				url: server.url,
				drafts: apiRequests(webhookUrl),
				keys,
				known,
				seed: SEED + lane,
				requests: REQUESTS / LANES,
				isOver: () => false,
				onAnswer: (status) => statuses.push(status),
			}),
		);
		expect((await Promise.all(lanes)).filter((finding) => finding !== undefined)).toEqual([]);
		expect(statuses).toHaveLength(REQUESTS);
		await target.assertHealthy();
	});
});
