import { setTimeout as sleep } from "node:timers/promises";
import { sideBySide } from "../../lambda/core/side-by-side.ts";
import { Connections } from "../connections.ts";
import type { Figures } from "../figures.ts";
import { SlowReceiver } from "../slow-receiver.ts";
import { percentile } from "../statistics.ts";
import { startSubject } from "../subject.ts";
import { RemoteFleet } from "../workers/fleet-remote.ts";
import type { Creation } from "../workers/fleet-stage.ts";

const HEALTHY_TASKS = 500;
const HANGING_TASKS = 2_000;
const HANG_MS = 30_000;
const WORKERS = 10;
const CONNECTIONS = 32;
/** Time for the hanging tasks to take all the room that they can get. */
const SPREAD_MS = 3_000;

/** Creates tasks; returns when each was asked for, epoch ms with fractions. */
type Create = (creation: Creation) => Promise<readonly number[]>;

/** How long after its create each of the healthy tasks of a new queue arrives, in milliseconds. */
const healthyLags = async (create: Create, receiver: SlowReceiver, queue: string): Promise<number[]> => {
	const asked = await create({ queue, url: receiver.urlFor(queue, 0), from: 0, count: HEALTHY_TASKS });
	await receiver.total(queue, HEALTHY_TASKS);
	const { instants } = receiver.of(queue);
	return asked.map((askedAt, n) => (instants.get(n) ?? Number.NaN) - askedAt);
};

/** The p99 of a queue's tasks alone, and beside a queue of 2,000 tasks whose webhooks hang for 30 s. */
const compare = async (create: Create, receiver: SlowReceiver) => {
	await healthyLags(create, receiver, "warm-up");
	const alone = percentile(await healthyLags(create, receiver, "alone"), 99);
	await create({ queue: "noisy", url: receiver.urlFor("noisy", HANG_MS), from: 0, count: HANGING_TASKS });
	await sleep(SPREAD_MS);
	const hanging = receiver.of("noisy").inFlight;
	const beside = percentile(await healthyLags(create, receiver, "beside"), 99);
	return { alone, beside, hanging };
};

/** The embedded server, over HTTP. */
export const neighbour = async (): Promise<Figures> => {
	const receiver = await SlowReceiver.open();
	const subject = await startSubject("product");
	const connections = new Connections(subject, CONNECTIONS);
	const create: Create = ({ queue, url, from, count }) => {
		const numbers = Array.from({ length: count }, (_, index) => from + index);
		return sideBySide(numbers, CONNECTIONS, async (n) => {
			const askedAt = performance.timeOrigin + performance.now();
			await connections.post(JSON.stringify({ queue, webhook_url: url, payload: { n } }));
			return askedAt;
		});
	};
	const { alone, beside, hanging } = await compare(create, receiver);
	await connections.close();
	// Otherwise the end would wait for the hanging calls.
	receiver.close();
	await subject.end();
	return {
		neighbourAloneP99Ms: alone,
		neighbourBesideP99Ms: beside,
		neighbourRatio: beside / alone,
		neighbourHanging: hanging,
	};
};

/** The deployed handlers, with ten workers at each queue. */
export const neighbourFleet = async (): Promise<Figures> => {
	const receiver = await SlowReceiver.open();
	const fleet = await RemoteFleet.start(WORKERS);
	const { alone, beside, hanging } = await compare((creation) => fleet.create(creation), receiver);
	fleet.end();
	receiver.close();
	return {
		fleetAloneP99Ms: alone,
		fleetBesideP99Ms: beside,
		fleetRatio: beside / alone,
		fleetHanging: hanging,
	};
};
