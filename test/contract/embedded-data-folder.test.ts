import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../../lambda/adapters/embedded/database.ts";
import { openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { messageFor } from "../../lambda/core/delivery-message.ts";
import type { Task } from "../../lambda/core/task.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { receiveAll } from "../support/receive-all.ts";
import { claimOf, keyOf, makeActive, makeFinal } from "../support/task-transitions.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../support/temporary-folder.ts";
import { uniqueApiKey } from "../support/unique-api-keys.ts";
import { NOON, uniqueTask, uniqueTeam } from "../support/unique-tasks.ts";

const HOLDER = fileURLToPath(new URL("../support/data-holder.ts", import.meta.url));
const DATABASE = "asyncqueue.db";
const KEY = "encryption.key";

let folder: TemporaryFolder;
let clock: VirtualClock;

beforeEach(() => {
	folder = makeTemporaryFolder("data");
	clock = new VirtualClock(NOON);
});
afterEach(() => folder.remove());

const open = (path = folder.path) => openEmbeddedWorld({ folder: path, clock });

/** Starts another process on the folder and waits for the task that it has stored. */
const startHolder = async (then: "stay" | "end") => {
	const child = spawn(process.execPath, [HOLDER, folder.path, then], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const [line] = await once(child.stdout.setEncoding("utf8"), "data");
	return { child, ...(JSON.parse(String(line)) as { task: Task; timers: number }) };
};

describe("a data folder", () => {
	it("is created with everything in it, for its owner only", () => {
		const path = join(folder.path, "new", "folder");
		open(path).close();
		expect(existsSync(join(path, DATABASE))).toBe(true);
		expect(statSync(path).mode & 0o777).toBe(0o700);
		expect(statSync(join(path, KEY)).mode & 0o777).toBe(0o600);
	});

	it("keeps everything when it is closed and opened again", async () => {
		const { stores, close } = open();
		const teamId = uniqueTeam();
		const later = uniqueTask({ teamId, dueAt: NOON + 60_000 });
		const distant = uniqueTask({
			teamId,
			dueAt: NOON + 3_600_000,
			payload: JSON.stringify({ blob: "x".repeat(5_000) }),
		});
		await stores.tasks.put(later);
		await stores.tasks.put(distant);
		await stores.deliveryQueue.send([messageFor(later)]);
		await stores.scheduler.schedule(messageFor(distant), NOON + 3_500_000);
		const failed = await makeFinal(stores.tasks, uniqueTask(), "failed");
		const key = uniqueApiKey();
		await stores.keys.put(key);
		const ciphertext = await stores.cipher.encrypt(key.teamId, "secret");
		close();

		const again = open();
		for (const task of [later, distant, failed])
			expect(await again.stores.tasks.get(keyOf(task))).toEqual(task);
		expect(await again.stores.keys.list(key.teamId)).toEqual([key]);
		expect(await again.stores.cipher.decrypt(key.teamId, ciphertext)).toBe("secret");
		expect(again.messages.nextDueAt()).toBe(later.dueAt);
		clock.advanceTo(distant.dueAt);
		const bodies = receiveAll(again.messages, distant.dueAt).map(({ body }) => JSON.parse(body));
		expect(bodies).toEqual([messageFor(later), messageFor(distant)]);
		again.close();
	});

	it("says so when another process uses it, and works when that process was killed", async () => {
		const { child, task } = await startHolder("stay");
		expect(() => open()).toThrow(
			`The data folder ${folder.path} is in use by another process. Stop that one`,
		);
		child.kill("SIGKILL");
		await once(child, "exit");
		clock.advanceTo(Date.now());
		const { stores, messages, close } = open();
		expect(await stores.tasks.get(keyOf(task))).toMatchObject({ status: "active", payload: task.payload });
		const [message] = messages.receive(clock.now(), 10);
		expect(message).toMatchObject({ body: JSON.stringify(messageFor(task)), receiveCount: 2 });
		expect(await stores.tasks.claim(claimOf(task, { now: clock.now() }))).toMatchObject({ done: true });
		close();
	});

	it("cannot be opened twice by the same process either", () => {
		const { close } = open();
		expect(() => open()).toThrow("is in use");
		close();
		open().close();
	});

	it("does not keep a process alive that has nothing else to do", async () => {
		const { child, timers } = await startHolder("end");
		expect(timers).toBe(0);
		const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
		expect(code).toBe(0);
	});

	it("is left alone when a newer AsyncQueue has written it", () => {
		open().close();
		const database = new DatabaseSync(join(folder.path, DATABASE));
		database.exec("PRAGMA user_version = 99");
		database.close();
		expect(() => open()).toThrow("written by a newer AsyncQueue (schema 99");
	});

	// The superuser may write where nobody else may: for that, `npm run soak` has a disk that is mounted read-only.
	it.skipIf(process.getuid?.() === 0)("says so when it is read-only", () => {
		chmodSync(folder.path, 0o500);
		expect(() => open()).toThrow(`The data folder ${folder.path} cannot be used: EACCES: permission denied`);
	});

	it("says so when it cannot be a folder, or holds something else", () => {
		const file = join(folder.path, "file");
		writeFileSync(file, "");
		expect(() => open(file)).toThrow(`The data folder ${file} cannot be used`);
		const other = join(folder.path, "other");
		mkdirSync(other);
		writeFileSync(join(other, DATABASE), "This is no database. ".repeat(1_000));
		expect(() => open(other)).toThrow("not a database");
	});
});

describe("the leases of a process that died", () => {
	it("end when the data are opened again: messages return and attempts can be claimed again", async () => {
		const { stores, messages, database } = open();
		const active = await makeActive(stores.tasks, uniqueTask());
		await stores.deliveryQueue.send([messageFor(active)]);
		const [received] = messages.receive(NOON, 10);
		const waiting = uniqueTask({ dueAt: NOON + 60_000 });
		await stores.deliveryQueue.send([messageFor(waiting)]);
		await database.committed();
		expect(messages.receive(NOON + 1, 10)).toEqual([]);
		// As the process left it: the database closes, nobody gives anything back.
		database.close();

		clock.advanceTo(NOON + 1_000);
		const again = open();
		expect(again.messages.receive(NOON + 1_000, 10)).toMatchObject([
			{ body: received?.body, receiveCount: 2 },
		]);
		expect(again.messages.nextDueAt()).toBe(waiting.dueAt);
		const claim = await again.stores.tasks.claim(claimOf(active, { now: NOON + 1_000 }));
		expect(claim).toMatchObject({ done: true, task: { attempt: 1 } });
		again.close();
	});
});

describe("a queue's waiting line", () => {
	it("is kept with its messages, while the seats of dead pumps are free again", async () => {
		const queue = { teamId: "acme", name: "emails" };
		const waiting = messageFor(uniqueTask({ teamId: queue.teamId }));
		const seat = { owner: "pump", leaseUntil: NOON + 240_000, slotAt: NOON + 5_000 };
		const sheet = { version: 0, seats: [seat], woken: true, visitAt: NOON + 9_000 };
		const pump = { kind: "pump", team_id: "acme", queue: "emails", due_at: NOON } as const;
		const { stores, workMessages, database } = open();
		await stores.line.add([waiting]);
		await stores.pumpSheets.write(queue, sheet);
		await stores.workQueue.send([pump]);
		workMessages.receive(NOON, 1);
		await database.committed();
		// As the process left it.
		database.close();

		const again = open();
		expect(await again.stores.line.first(queue, [0, 1, 2, 3], 10)).toEqual([waiting]);
		const freed = { ...sheet, version: 2, seats: [{ ...seat, owner: "", leaseUntil: 0 }] };
		expect(await again.stores.pumpSheets.read(queue)).toEqual(freed);
		expect(again.workMessages.receive(NOON, 10)).toMatchObject([
			{ body: JSON.stringify(pump), receiveCount: 2 },
		]);
		again.close();
	});
});

describe("the encryption key", () => {
	it("is not replaced when it is lost but needed", async () => {
		const { stores, close } = open();
		await stores.keys.put(uniqueApiKey());
		close();
		copyFileSync(join(folder.path, KEY), join(folder.path, "backup"));
		rmSync(join(folder.path, KEY));
		expect(() => open()).toThrow(`The encryption key ${join(folder.path, KEY)} is missing`);
		copyFileSync(join(folder.path, "backup"), join(folder.path, KEY));
		open().close();
	});

	it("is not used when it is damaged", () => {
		open().close();
		writeFileSync(join(folder.path, KEY), "short");
		expect(() => open()).toThrow("is damaged (5 bytes instead of a line for each key)");
	});

	it("belongs to its folder", () => {
		open().close();
		const other = join(folder.path, "other");
		open(other).close();
		expect(readFileSync(join(folder.path, KEY))).not.toEqual(readFileSync(join(other, KEY)));
	});

	it("does not keep the folder locked when it cannot be used", () => {
		open().close();
		rmSync(join(folder.path, KEY));
		mkdirSync(join(folder.path, KEY));
		expect(() => open()).toThrow();
		Database.open(folder.path).close();
	});
});
