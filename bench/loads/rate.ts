import { mostWithin } from "../../test/support/most-within.ts";
import type { Figures } from "../figures.ts";
import { SlowReceiver } from "../slow-receiver.ts";
import { RemoteFleet } from "../workers/fleet-remote.ts";

const WORKERS = 4;
const LIMIT = 50;
const TASKS = 1_000;

/** 1,000 tasks of a queue that allows 50 calls a second, for four workers at each queue. */
export const rate = async (): Promise<Figures> => {
	const receiver = await SlowReceiver.open();
	const fleet = await RemoteFleet.start(WORKERS);
	await fleet.order({
		kind: "configure",
		queue: "limited",
		settings: { rate_limit: { limit: LIMIT, per_seconds: 1 } },
	});
	await fleet.create({ queue: "limited", url: receiver.urlFor("a", 0), from: 0, count: TASKS });
	await receiver.total("a", TASKS);
	const { starts } = receiver.of("a");
	const seconds = ((starts.at(-1) ?? Number.NaN) - (starts[0] ?? Number.NaN)) / 1_000;
	fleet.end();
	receiver.close();
	return { rateMostInOneSecond: mostWithin(starts, 1_000), rateTimeShare: seconds / ((TASKS - 1) / LIMIT) };
};
