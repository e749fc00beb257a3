import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasOverflow, joinOverflow, placeAttempt } from "../../lambda/adapters/aws/attempt-pages.ts";
import { itemBytes, WRITE_UNIT_BYTES } from "../../lambda/adapters/aws/item-size.ts";
import type { Item } from "../../lambda/adapters/aws/item-values.ts";
import { toTask, toTaskItems } from "../../lambda/adapters/aws/task-item.ts";
import type { Attempt, Task } from "../../lambda/core/task.ts";
import { failedAttempt } from "../support/task-transitions.ts";
import { NOON, uniqueTask } from "../support/unique-tasks.ts";

const stored = (item: Item): Item =>
	Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));

/** The items of a task after these attempts, each under a claim of its own. */
const afterAttempts = (task: Task, attempts: readonly Attempt[]) => {
	const { item, payloadItem } = toTaskItems(task);
	const overflow: Item[] = payloadItem ? [payloadItem] : [];
	const sizes: number[] = [itemBytes(item)];
	let current = stored(item);
	for (const attempt of attempts) {
		const claimed = { ...current, status: "active", lease_until: NOON + attempt.number };
		sizes.push(itemBytes(claimed));
		const changes = { status: "pending", attempt: attempt.number + 1, due_at: NOON };
		const { set, page } = placeAttempt(claimed, attempt, changes);
		if (page) overflow.push(page);
		current = stored({ ...claimed, lease_until: undefined, ...changes, ...set });
		sizes.push(itemBytes(current));
	}
	return { item: current, overflow, sizes };
};

const attemptsOf = (bodies: readonly (string | null)[]): Attempt[] =>
	bodies.map((responseBody, index) => failedAttempt(index + 1, { responseBody }));

describe("attempts of a task", () => {
	it("all come back, and its item never outgrows a write unit", () => {
		const body = fc.option(fc.string({ maxLength: 1_024, unit: "binary" }));
		fc.assert(
			fc.property(
				fc.array(body, { maxLength: 45 }),
				fc.nat({ max: 3_000 }),
				fc.nat({ max: 2_000 }),
				(bodies, payloadLength, urlLength) => {
					const task = uniqueTask({
						payload: JSON.stringify("x".repeat(payloadLength)),
						webhookUrl: `https://example.com/${"u".repeat(urlLength)}`,
					});
					const attempts = attemptsOf(bodies);
					const { item, overflow, sizes } = afterAttempts(task, attempts);
					expect(Math.max(...sizes)).toBeLessThanOrEqual(WRITE_UNIT_BYTES);
					const joined = joinOverflow(item, overflow);
					expect(joined).toMatchObject({ hasPayload: true, hasAttempts: true });
					expect(toTask(joined.item)).toMatchObject({
						payload: task.payload,
						webhookUrl: task.webhookUrl,
						attempts,
					});
				},
			),
		);
	});

	it("stay in the item while there is room, as there is for the default retries", () => {
		const task = uniqueTask({ payload: JSON.stringify("x".repeat(200)) });
		const { item, overflow } = afterAttempts(task, attemptsOf(["Bad Gateway", "Bad Gateway", "Bad Gateway"]));
		expect(hasOverflow(item)).toBe(false);
		expect(overflow).toEqual([]);
	});

	it("do not include one that was made under a superseded claim", () => {
		const long = "x".repeat(1_000);
		const { item, overflow } = afterAttempts(uniqueTask(), attemptsOf([long, "short"]));
		const claimed = { ...item, status: "active", attempt: 3, lease_until: NOON + 3 };
		const superseded = placeAttempt(claimed, failedAttempt(3, { responseBody: long, error: "lost" }), {
			status: "failed",
		});
		expect(superseded.page).toBeDefined();
		const joined = joinOverflow(claimed, [...overflow, superseded.page as Item]);
		expect(toTask(joined.item).attempts.map(({ error }) => error)).toEqual(["http_500", "http_500"]);
	});

	it("are reported missing when a page or the payload is not there", () => {
		const task = uniqueTask({ payload: JSON.stringify("x".repeat(2_000)) });
		const { item, overflow } = afterAttempts(task, attemptsOf(["x".repeat(1_000)]));
		const [payload, page] = overflow as [Item, Item];
		expect(joinOverflow(item, [payload])).toMatchObject({ hasPayload: true, hasAttempts: false });
		expect(joinOverflow(item, [page])).toMatchObject({ hasPayload: false, hasAttempts: true });
		expect(toTask(joinOverflow(item, [page]).item).payload).toBe("null");
	});
});
