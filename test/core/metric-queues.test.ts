import { expect, it } from "vitest";
import { OTHER_QUEUES, QueueList } from "../../lambda/core/metric-queues.ts";
import { QueueName } from "../../lambda/core/queue.ts";

const names = (count: number): string => Array.from({ length: count }, (_, index) => `q${index}`).join(",");

it("takes up to 20 names of queues, each once", () => {
	expect(QueueList.parse(" orders, emails,orders")).toEqual(["orders", "emails"]);
	expect(QueueList.parse(names(20))).toHaveLength(20);
});

it("refuses more, and what is no name", () => {
	expect(QueueList.safeParse(names(21)).error?.issues[0]?.message).toBe("must be 20 queues at most");
	for (const text of ["", "orders,", "my queue"]) expect(QueueList.safeParse(text).success).toBe(false);
});

it("calls the rest what no queue can be called", () => {
	expect(QueueName.safeParse(OTHER_QUEUES).success).toBe(false);
});
