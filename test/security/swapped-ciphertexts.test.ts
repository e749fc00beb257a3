import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { MAX_RECEIVES, VISIBILITY_SECONDS } from "../../lambda/core/delivery-limits.ts";
import { messageFor } from "../../lambda/core/delivery-message.ts";
import { QueueSettings } from "../../lambda/core/queue.ts";
import type { Ports } from "../../lambda/ports.ts";
import { createApiKey, type IssuedApiKey } from "../../lambda/usecases/create-api-key.ts";
import { createTask } from "../../lambda/usecases/create-task.ts";
import { drainMessage } from "../../lambda/usecases/drain-message.ts";
import { getTask } from "../../lambda/usecases/get-task.ts";
import { putQueue } from "../../lambda/usecases/put-queue.ts";
import { retryTask } from "../../lambda/usecases/retry-task.ts";
import { signingSecrets } from "../../lambda/usecases/signing-secrets.ts";
import { startHousekeeping } from "../../local/housekeeping.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { eventually } from "../support/eventually.ts";
import { aNewTask } from "../support/new-tasks.ts";
import { makeTemporaryFolder } from "../support/temporary-folder.ts";
import { createTestWorld, START, type TestWorld } from "../support/test-world.ts";

type Sql = Readonly<{
	prepare(sql: string): { run(...values: string[]): unknown; get(...values: string[]): unknown };
}>;

/** What somebody with access to the file, but not to the data key, can do. */
const swap = (sql: Sql, one: IssuedApiKey, other: IssuedApiKey): void => {
	const ciphertextOf = ({ key }: IssuedApiKey) => {
		const row = sql.prepare("SELECT ciphertext FROM key_secrets WHERE key_id = ?").get(key.id);
		return (row as { ciphertext: string }).ciphertext;
	};
	const [first, second] = [ciphertextOf(one), ciphertextOf(other)];
	const write = sql.prepare("UPDATE key_secrets SET ciphertext = ? WHERE key_id = ?");
	write.run(second, one.key.id);
	write.run(first, other.key.id);
};

const issue = (ports: Ports, teamId: string) => createApiKey(ports, teamId, { name: "ci", mode: "live" });

describe("ciphertexts of two teams that were swapped in the file of an embedded server", () => {
	it("sign nothing, until they are swapped back", async () => {
		const folder = makeTemporaryFolder("swapped");
		const clock = new VirtualClock(START);
		const withWorld = async <Result>(use: (ports: Ports) => Promise<Result>): Promise<Result> => {
			const world = openEmbeddedWorld({ folder: folder.path, clock });
			const random = {
				bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
				ulid: () => crypto.randomUUID(),
			};
			try {
				return await use({ ...world.stores, clock, random } as Partial<Ports> as Ports);
			} finally {
				world.close();
			}
		};
		const [one, other] = await withWorld(
			async (ports) => [await issue(ports, "team-a"), await issue(ports, "team-b")] as const,
		);
		const swapInFile = () => {
			const file = new DatabaseSync(`${folder.path}/asyncqueue.db`);
			swap(file as unknown as Sql, one, other);
			file.close();
		};
		const signAll = () =>
			withWorld((ports) =>
				Promise.all([one, other].map(({ key }) => signingSecrets(ports, key.teamId, key.id))),
			);

		swapInFile();
		for (const { key } of [one, other])
			await expect(withWorld((ports) => signingSecrets(ports, key.teamId, key.id))).rejects.toMatchObject({
				name: "UnsignableError",
				reason: "signing_key_unreadable",
			});
		swapInFile();
		expect(await signAll()).toEqual([[one.secret], [other.secret]]);
		folder.remove();
	});
});

describe("the tasks of a key whose ciphertext belongs to another team", () => {
	let world: TestWorld;
	let own: IssuedApiKey;
	let foreign: IssuedApiKey;
	beforeEach(async () => {
		world = await createTestWorld();
		[own, foreign] = [await issue(world.ports, "team-a"), await issue(world.ports, "team-b")];
		swapNow();
	});
	afterEach(() => world.close());

	const swapNow = () => {
		swap(world.world.database as unknown as Sql, own, foreign);
		// As later, or in another process: what is remembered of the keys is forgotten.
		world.clock.advanceBy(60_000);
	};
	const create = async () => {
		const principal = { teamId: "team-a", keyId: own.key.id, mode: "live" as const };
		const { task } = await createTask(world.ports, { principal, newTask: aNewTask({ queue: "unsignable" }) });
		const key = { teamId: "team-a", taskId: task.id };
		const show = () => getTask(world.ports, key);
		const whenFailed = () =>
			eventually("the task to fail", async () => ((await show()).status === "failed" ? true : undefined));
		return { key, show, whenFailed, stored: () => world.ports.tasks.get(key) };
	};
	const errors = () => world.logs.filter(({ level }) => level === "error");

	it("are not called, nor is anything counted as an attempt while an operator may still repair the key", async () => {
		const task = await create();
		await world.runFor(VISIBILITY_SECONDS * 2 + 1);

		expect(world.webhooks.calls).toHaveLength(0);
		expect(await task.show()).toMatchObject({ status: "active", attempts: [] });
		expect(errors().map(({ event }) => event)).toStrictEqual(Array(3).fill("delivery.postponed"));
		expect(String(errors()[0]?.fields["error"])).toContain("signing_key_unreadable");

		swapNow();
		await world.runFor(VISIBILITY_SECONDS);
		expect(await task.show()).toMatchObject({ status: "completed", attempts: [{ number: 1 }] });
	});

	it("do not go round for ever: their message is put aside, and the next housekeeping closes them", async () => {
		const task = await create();
		await world.runFor(VISIBILITY_SECONDS * (MAX_RECEIVES + 10));
		expect(errors()).toHaveLength(MAX_RECEIVES);
		expect(world.world.messages.dead()).toHaveLength(1);
		expect(await task.show()).toMatchObject({ status: "active", attempts: [] });

		const stop = startHousekeeping(world.world, world.ports);
		await task.whenFailed();
		await stop();

		expect(world.world.messages.dead()).toEqual([]);
		expect(await task.show()).toMatchObject({
			status: "failed",
			attempts: [{ number: 1, status: "failed", error: "signing_key_unreadable", response_code: null }],
		});
		expect(world.webhooks.calls).toHaveLength(0);
	});

	it("can be sent again when the key is repaired", async () => {
		const task = await create();
		await world.runFor(VISIBILITY_SECONDS * (MAX_RECEIVES + 1));
		const stored = await task.stored();
		if (stored) await drainMessage(world.ports, messageFor(stored));
		swapNow();

		await retryTask(world.ports, task.key);
		await world.runFor(1);

		expect(await task.show()).toMatchObject({ status: "completed" });
		expect(world.webhooks.calls).toHaveLength(1);
	});

	it("are closed at once when they wait in line, so that the line does not stop at them", async () => {
		const settings = QueueSettings.parse({ concurrency: 1 });
		await putQueue(world.ports, { teamId: "team-a", name: "unsignable" }, settings);
		const tasks = [await create(), await create()];
		await world.runFor(5);

		for (const { show } of tasks)
			expect(await show()).toMatchObject({
				status: "failed",
				attempts: [{ error: "signing_key_unreadable" }],
			});
		expect(errors().map(({ event }) => event)).toStrictEqual(Array(2).fill("pump.message_failed"));
		expect(world.webhooks.calls).toHaveLength(0);
	});

	it("are kept while the data key cannot be asked for: that is no reason to give up", async () => {
		const task = await create();
		const stored = await task.stored();
		if (!stored) throw new Error("the task has vanished");
		const cipher = { ...world.ports.cipher, decrypt: () => Promise.reject(new Error("KMS is down")) };
		expect(await drainMessage({ ...world.ports, cipher }, messageFor(stored))).toBe("resumed");
	});
});
