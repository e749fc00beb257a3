import { AWS_FLOW_LIMITS } from "../../lambda/adapters/aws/flow-limits.ts";
import { openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { UndiciWebhookClient } from "../../lambda/adapters/http/undici-webhook-client.ts";
import { pinoLog } from "../../lambda/adapters/pino-log.ts";
import { systemClock, systemRandom, systemTimer } from "../../lambda/adapters/system.ts";
import { addressPolicy } from "../../lambda/core/address-policy.ts";
import { VISIBILITY_SECONDS, WORK_VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { laneOf } from "../../lambda/core/lane.ts";
import type { Principal } from "../../lambda/core/principal.ts";
import { QueueSettings } from "../../lambda/core/queue.ts";
import { sideBySide } from "../../lambda/core/side-by-side.ts";
import type { Ports } from "../../lambda/ports.ts";
import { createApiKey } from "../../lambda/usecases/create-api-key.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { putQueue } from "../../lambda/usecases/put-queue.ts";
import { StandardQueue } from "./standard-queue.ts";
import { type FleetQueues, WorkerFleet } from "./worker-fleet.ts";

/** Webhooks are on loopback. */
const ANYWHERE = addressPolicy({ allowPrivate: true });

/** Tasks that are being created at the same time. */
const PARALLEL_CREATES = 32;

/** Which tasks to create: numbers from `from` on. */
export type Creation = Readonly<{ queue: string; url: string; from: number; count: number }>;

/** The deployed handlers under a simulated event source, with webhooks called for real and stores in memory. */
export type FleetStage = Readonly<{
	fleet: WorkerFleet;
	configure: (queue: string, settings: Partial<QueueSettings>) => Promise<void>;
	/** Returns when each was asked for, epoch ms with fractions. */
	create: (creation: Creation) => Promise<readonly number[]>;
}>;

const newQueues = (): FleetQueues => {
	const lane = () => new StandardQueue(VISIBILITY_SECONDS * 1_000);
	return {
		lanes: { high: lane(), normal: lane(), low: lane() },
		work: new StandardQueue(WORK_VISIBILITY_SECONDS * 1_000),
	};
};

const portsOn = ({ lanes, work }: FleetQueues): Ports => ({
	...openEmbeddedWorld({ folder: ":memory:", clock: systemClock }).stores,
	deliveryQueue: {
		send: async (messages) => {
			for (const message of messages) lanes[laneOf(message.priority)].send(message);
		},
	},
	workQueue: {
		precisionMs: 1_000,
		send: async (messages) => {
			for (const message of messages) work.send(message);
		},
	},
	webhooks: new UndiciWebhookClient({ addressPolicy: ANYWHERE }),
	clock: systemClock,
	timer: systemTimer,
	random: systemRandom,
	log: pinoLog("error"),
	addressPolicy: ANYWHERE,
	flowLimits: AWS_FLOW_LIMITS,
});

export const openFleetStage = async (concurrency: number): Promise<FleetStage> => {
	const queues = newQueues();
	const ports = portsOn(queues);
	const { key } = await createApiKey(ports, "bench", { name: "bench", mode: "live" });
	const principal: Principal = { teamId: key.teamId, keyId: key.id, mode: key.mode };
	return {
		fleet: new WorkerFleet(ports, queues, concurrency),
		configure: async (name, settings) => {
			await putQueue(ports, { teamId: principal.teamId, name }, QueueSettings.parse(settings));
		},
		create: ({ queue, url, from, count }) => {
			const numbers = Array.from({ length: count }, (_, index) => from + index);
			return sideBySide(numbers, PARALLEL_CREATES, async (n) => {
				const askedAt = performance.timeOrigin + performance.now();
				const newTask = { queue, webhook_url: url, payload: { n }, priority: 5 };
				await createTask(ports, { principal, newTask });
				return askedAt;
			});
		},
	};
};
