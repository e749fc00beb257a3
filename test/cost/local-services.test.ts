import { describe, expect, it } from "vitest";
import { ForwardClock } from "../../cost/forward-clock.ts";
import { LocalQueues } from "../../cost/local-queues.ts";
import { LocalSchedules } from "../../cost/local-schedules.ts";
import { Tally } from "../../cost/tally.ts";

const QueueUrl = "https://sqs.us-east-1.amazonaws.com/000000000000/normal";

const makeQueues = () => {
	const tally = new Tally();
	const clock = new ForwardClock();
	const queues = new LocalQueues(tally, clock);
	const send = (body: Record<string, unknown>) =>
		queues.answer({ operation: "SendMessage", path: "/", body: { QueueUrl, ...body } });
	return { tally, clock, queues, send };
};

describe("queues that count", () => {
	it("count a send for each 64 KB, and whether it names a group", () => {
		const { tally, send } = makeQueues();
		send({ MessageBody: "small", MessageGroupId: "acme" });
		send({ MessageBody: "x".repeat(65 * 1_024) });
		expect(tally.usage()).toMatchObject({ sqsSends: 3, sqsFairSends: 1 });
	});

	it("count a batch as one", () => {
		const { tally, queues } = makeQueues();
		const Entries = ["0", "1", "2"].map((Id) => ({ Id, MessageBody: Id, MessageGroupId: "acme" }));
		queues.answer({ operation: "SendMessageBatch", path: "/", body: { QueueUrl, Entries } });
		expect(tally.usage()).toMatchObject({ sqsSends: 1, sqsFairSends: 1 });
	});

	it("hand over full batches, once", () => {
		const { queues, send } = makeQueues();
		for (let sent = 0; sent < 25; sent += 1) send({ MessageBody: String(sent) });
		expect(queues.takeBatches(10).map(({ length }) => length)).toEqual([10, 10, 5]);
		expect(queues.takeBatches(10)).toEqual([]);
	});

	it("show a message when its delay is over", () => {
		const { clock, queues, send } = makeQueues();
		clock.forwardTo(Date.now() + 3_600_000);
		const before = clock.now();
		send({ MessageBody: "late", DelaySeconds: 90 });
		const visibleAt = queues.takeBatches(10)[0]?.[0]?.visibleAt ?? 0;
		expect(visibleAt - before).toBeGreaterThanOrEqual(90_000);
		expect(visibleAt - before).toBeLessThan(100_000);
	});

	it("refuse what nobody should call", () => {
		const { queues } = makeQueues();
		const call = { operation: "PurgeQueue", path: "/", body: { QueueUrl } };
		expect(() => queues.answer(call)).toThrow("PurgeQueue");
	});
});

describe("schedules", () => {
	it("keep when they fire and what they send", () => {
		const schedules = new LocalSchedules();
		const Target = { Arn: "arn:aws:sqs:us-east-1:000000000000:normal", Input: "{}" };
		const body = { ScheduleExpression: "at(2026-11-23T12:00:00)", Target };
		schedules.answer({ operation: "", path: "/schedules/task-1", body });
		const fireAt = Date.UTC(2026, 10, 23, 12);
		expect(schedules.take()).toEqual([{ fireAt, targetArn: Target.Arn, input: "{}" }]);
		expect(schedules.take()).toEqual([]);
	});
});
