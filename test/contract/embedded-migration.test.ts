import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { migrate } from "../../lambda/adapters/embedded/schema.ts";
import type { DeliveryMessage } from "../../lambda/core/delivery-message.ts";
import { defaultQueueSettings } from "../../lambda/core/queue.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { messageDueAt } from "../support/delivery-messages.ts";
import { receiveAll } from "../support/receive-all.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../support/temporary-folder.ts";
import { NOON } from "../support/unique-tasks.ts";

let folder: TemporaryFolder;
let old: DatabaseSync;

beforeEach(() => {
	folder = makeTemporaryFolder("migration");
	old = new DatabaseSync(join(folder.path, "asyncqueue.db"));
	migrate(old, 1);
});
afterEach(() => folder.remove());

/** Closes the old database and opens it as this program does. */
const openMigrated = () => {
	old.close();
	return openEmbeddedWorld({ folder: folder.path, clock: new VirtualClock(NOON) });
};

const mail = (offset: number, changes: Partial<DeliveryMessage> = {}): DeliveryMessage =>
	messageDueAt(NOON + offset, { team_id: "acme", ...changes });

describe("a data folder of the first schema", () => {
	it("keeps its messages: waiting, due, received and unreadable ones, and those put aside", () => {
		const insert = old.prepare(
			`INSERT INTO messages (priority, visible_at, body, sent_at, receive_count, first_received_at)
			VALUES (?, ?, ?, ?, ?, ?)`,
		);
		const later = mail(60_000);
		const inOrder = [mail(-500), mail(-1_000, { priority: 3 }), mail(-900, { priority: 3 })];
		const [urgent, received, low] = inOrder as [DeliveryMessage, DeliveryMessage, DeliveryMessage];
		insert.run(5, later.due_at, JSON.stringify(later), NOON - 5_000, 0, null);
		insert.run(3, low.due_at, JSON.stringify(low), NOON - 5_000, 0, null);
		insert.run(3, NOON + 170_000, JSON.stringify(received), NOON - 5_000, 1, NOON - 900);
		insert.run(5, urgent.due_at, JSON.stringify(urgent), NOON - 5_000, 0, null);
		insert.run(5, NOON - 1, "{broken", NOON - 5_000, 4, NOON - 4_000);
		insert.run(5, NOON - 1, "null", NOON - 5_000, 0, null);
		old.prepare("INSERT INTO dead_messages VALUES (99, 'dead', 1, 10, 2, 3)").run();
		const { messages, close } = openMigrated();
		const all = receiveAll(messages, NOON);
		expect(all.filter(({ teamId }) => teamId === "acme").map(({ body }) => JSON.parse(body))).toEqual(
			inOrder,
		);
		expect(all.find(({ body }) => body === "{broken")).toMatchObject({
			receiveCount: 5,
			sentAt: NOON - 5_000,
		});
		expect(all).toHaveLength(5);
		expect(messages.nextDueAt()).toBe(later.due_at);
		expect(receiveAll(messages, later.due_at).map(({ body }) => JSON.parse(body))).toEqual([later]);
		close();
	});

	it("gives no new message the id of one that was put aside", async () => {
		old.prepare("INSERT INTO dead_messages VALUES (99, 'dead', 1, 10, 2, 3)").run();
		const { messages, stores, close } = openMigrated();
		await stores.deliveryQueue.send([mail(0)]);
		expect(messages.receive(NOON, 1)[0]?.messageId).toMatch(/^100-/);
		close();
	});

	it("keeps queues, which have no notes, and finished tasks, which do not expire", async () => {
		old
			.prepare("INSERT INTO queues VALUES ('acme', 'emails', ?, 1, 2)")
			.run(JSON.stringify({ max_retries: 7, retry_backoff: "fixed", timeout: 9 }));
		old
			.prepare(
				`INSERT INTO tasks (team_id, id, key_id, mode, queue, webhook_url, payload, priority, delay, status,
				attempt, attempts_before, created_at, due_at, completed_at)
				VALUES ('acme', 'task_1', 'key', 'live', 'emails', 'https://example.com', '{}', 5, 0, 'failed', 1, 0, 1, 1, 2)`,
			)
			.run();
		const { stores, prune, close } = openMigrated();
		const settings = { ...defaultQueueSettings, max_retries: 7, retry_backoff: "fixed", timeout: 9 };
		expect(await stores.queues.get("acme", "emails")).toEqual({
			teamId: "acme",
			name: "emails",
			settings,
			createdAt: 1,
			updatedAt: 2,
		});
		await prune();
		const task = await stores.tasks.get({ teamId: "acme", taskId: "task_1" });
		expect(task).toMatchObject({ status: "failed", completedAt: 2, expiresAt: undefined });
		close();
	});
});
