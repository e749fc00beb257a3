import type { SQSRecord } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QueueSettings } from "../../lambda/core/queue.ts";
import { deliverHandler } from "../../lambda/handlers/deliver.ts";
import { drainHandler } from "../../lambda/handlers/drain.ts";
import { reconcileHandler } from "../../lambda/handlers/reconcile.ts";
import { workHandler } from "../../lambda/handlers/work.ts";
import type { Ports } from "../../lambda/ports.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { putQueue } from "../../lambda/usecases/put-queue.ts";
import { toSqsEvent } from "../../local/sqs-event.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { createTestWorld, type TestWorld } from "../support/test-world.ts";

/** A port that must not be used, but for these methods of it. */
const forbidden = <Port extends object>(port: Port, ...allowed: (keyof Port)[]): Port =>
	new Proxy(port, {
		get: (target, name) => {
			if (!allowed.includes(name as keyof Port)) throw new Error(`${String(name)} is not allowed here`);
			const member: unknown = Reflect.get(target, name);
			return typeof member === "function" ? member.bind(target) : member;
		},
	});

let world: TestWorld;
beforeEach(async () => {
	world = await createTestWorld();
});
afterEach(() => world.close());

/** The ports of a role that may do no more than `overrides` with API keys, and nothing with what is the API's alone. */
const portsWith = (overrides: Partial<Ports>): Ports => ({
	...world.ports,
	idempotency: forbidden(world.ports.idempotency),
	requestBudget: forbidden({ limit: { requests: 1, seconds: 1 }, take: () => Promise.reject() }),
	...overrides,
});

const signing = (): Ports =>
	portsWith({
		keys: forbidden(world.ports.keys, "get"),
		cipher: forbidden(world.ports.cipher, "decrypt"),
	});

const create = async () => {
	const { principal } = world;
	await createTask(world.ports, { principal, newTask: aNewTask() });
};

const received = () => world.world.messages.receive(world.clock.now(), 10);

// The conditions on the roles (test/stack/permissions.test.ts) are not asked by any emulator: these are what stands
// behind them.
describe("what a role is kept from is not needed by its function:", () => {
	it("delivery reads API keys and opens them", async () => {
		await create();
		const event = toSqsEvent(received());
		expect(await deliverHandler(signing())(event, {})).toEqual({ batchItemFailures: [] });
		expect(world.webhooks.calls).toHaveLength(1);
	});

	it("work does the same, where a queue is limited", async () => {
		const settings = QueueSettings.parse({ concurrency: 1 });
		await putQueue(world.ports, { teamId: world.principal.teamId, name: aNewTask().queue }, settings);
		await create();
		await deliverHandler(signing())(toSqsEvent(received()), {});
		const event = toSqsEvent(world.world.workMessages.receive(world.clock.now(), 1));
		expect(await workHandler(signing())(event, {})).toEqual({ batchItemFailures: [] });
		expect(world.webhooks.calls).toHaveLength(1);
	});

	it("the drain finds out whether a task can be signed", async () => {
		await create();
		const ports = signing();
		const [message] = received();
		const record = { messageId: "m1", body: message?.body } as SQSRecord;
		expect(await drainHandler(ports)({ Records: [record] }, {})).toEqual({ batchItemFailures: [] });
		expect(world.logs).toContainEqual(expect.objectContaining({ event: "drain.handled" }));
	});

	it("reconciliation has nothing to do with keys", async () => {
		await create();
		world.clock.advanceBy(3_600_000);
		const ports = portsWith({
			keys: forbidden(world.ports.keys),
			cipher: forbidden(world.ports.cipher),
		});
		const time = { getRemainingTimeInMillis: () => 900_000 };
		expect(await reconcileHandler(ports)({}, time)).toMatchObject({ stalled: 1, failed: 0 });
	});
});
