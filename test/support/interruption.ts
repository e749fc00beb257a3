import { ApiClient } from "./api-client.ts";
import { eventually } from "./eventually.ts";
import type { ListeningProgram, ProgramExit } from "./listening-program.ts";
import { newApiKey, startServer } from "./server-process.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { reply } from "./webhook-answers.ts";
import { type Arrival, type Hook, WebhookReceiver } from "./webhook-receiver.ts";
import type { TaskListView } from "./wire-format.ts";

const QUEUE = "interrupted";
const CONNECTIONS = 32;
/** How long after an answer the server may still be writing down that it came. */
const RECORDING_MS = 100;

export type Interruption = Readonly<{
	/** SIGKILL, or SIGTERM and waiting for the end. */
	by: "kill" | "stop";
	/** Tasks answered with 201 before the interruption. Every fourth is delayed by 3–5 s. */
	tasks: number;
	/** How long the webhook takes to answer. */
	answerMs: number;
}>;

export type InterruptionFigures = Readonly<{
	/** Creates answered with 201: at least `tasks`, as creates go on until the server is gone. */
	accepted: number;
	/** Accepted tasks that waited for their delay when the server went. */
	waiting: number;
	/** Calls begun and not answered when the signal was sent, or answered in the last moments before. */
	inFlight: number;
	/** Calls that the server broke off. */
	cutOff: number;
	/** Accepted tasks whose webhook never got to answer, or which are not `completed` in the end. */
	missing: number;
	/** Calls of an attempt that had arrived before. */
	duplicates: number;
	/** The longest that an accepted task took after the restart began or it was due, whichever was later. */
	slowestMs: number;
	exit: ProgramExit;
}>;

type Load = {
	readonly api: ApiClient;
	readonly hook: Hook;
	/** Task id → due time (epoch ms) of every create that was answered with 201. */
	readonly accepted: Map<string, number>;
	created: number;
	/** From now on a create may fail. */
	ending: boolean;
};

const delayOf = (n: number): number => (n % 4 === 0 ? 3 + ((n / 4) % 3) : 0);

const createOneByOne = async (load: Load): Promise<void> => {
	for (;;) {
		load.created += 1;
		const n = load.created;
		try {
			const task = await load.api.createTask({
				queue: QUEUE,
				webhook_url: load.hook.url,
				payload: { n },
				delay: delayOf(n),
			});
			load.accepted.set(task.id, Date.parse(task.run_at));
		} catch (error) {
			if (load.ending) return;
			throw error;
		}
	}
};

/** Creates through all connections until `tasks` are accepted, interrupts the server, and lets the creates run out. */
const interruptUnderLoad = async (load: Load, server: ListeningProgram, { by, tasks }: Interruption) => {
	const creators = Array.from({ length: CONNECTIONS }, () => createOneByOne(load));
	const failure = Promise.all(creators).then(() => undefined);
	const enough = eventually("the creates", () => (load.accepted.size >= tasks ? true : undefined), 60_000, 1);
	await Promise.race([enough, failure]);
	load.ending = true;
	const interruptedAt = Date.now();
	const exit = await (by === "kill" ? server.kill() : server.stop());
	await Promise.all(creators);
	return { exit, interruptedAt };
};

const hasNone = async (api: ApiClient, status: string): Promise<boolean> => {
	const path = `/v1/tasks?queue=${QUEUE}&status=${status}&limit=1`;
	return (await api.expectCall<TaskListView>(200, "GET", path)).tasks.length === 0;
};

const untilNothingIsLeft = (api: ApiClient): Promise<true> =>
	eventually("all tasks to be finished", async () =>
		(await hasNone(api, "pending")) && (await hasNone(api, "active")) ? true : undefined,
	);

const completedIds = async (api: ApiClient): Promise<Set<string>> => {
	const ids = new Set<string>();
	let cursor: string | null | undefined = "";
	do {
		const path = `/v1/tasks?queue=${QUEUE}&status=completed&limit=100${cursor && `&cursor=${cursor}`}`;
		const page: TaskListView = await api.expectCall<TaskListView>(200, "GET", path);
		for (const task of page.tasks) ids.add(task.id);
		cursor = page.pagination.next_cursor;
	} while (cursor);
	return ids;
};

const countDuplicates = (arrivals: readonly Arrival[]): number => {
	const attempts = new Set(arrivals.map(({ body }) => `${body.task_id}/${body.attempt}`));
	return arrivals.length - attempts.size;
};

/** Task id → when its webhook first answered (epoch ms). */
const answerTimes = (arrivals: readonly Arrival[]): Map<string, number> => {
	const times = new Map<string, number>();
	for (const { body, state, endedAt = 0 } of arrivals) {
		if (state === "answered" && !times.has(body.task_id)) times.set(body.task_id, endedAt);
	}
	return times;
};

type Course = Readonly<{
	load: Load;
	completed: ReadonlySet<string>;
	interruptedAt: number;
	restartedAt: number;
	exit: ProgramExit;
}>;

const judge = ({ load, completed, interruptedAt, restartedAt, exit }: Course): InterruptionFigures => {
	const { arrivals } = load.hook;
	const answered = answerTimes(arrivals);
	const before = arrivals.filter((arrival) => arrival.at < restartedAt);
	const accepted = [...load.accepted];
	const lateness = accepted.map(([id, dueAt]) => (answered.get(id) ?? 0) - Math.max(restartedAt, dueAt));
	return {
		accepted: accepted.length,
		waiting: accepted.filter(([, dueAt]) => dueAt > interruptedAt).length,
		inFlight: before.filter(({ endedAt = Infinity }) => endedAt > interruptedAt - RECORDING_MS).length,
		cutOff: arrivals.filter((arrival) => arrival.state === "cut_off").length,
		missing: accepted.filter(([id]) => !(answered.has(id) && completed.has(id))).length,
		duplicates: countDuplicates(arrivals),
		slowestMs: Math.max(0, ...lateness),
		exit,
	};
};

/** Interrupts a loaded server, starts it again on the same folder and counts what became of the accepted tasks. */
export const interruptAndRestart = async (interruption: Interruption): Promise<InterruptionFigures> => {
	const folder = makeTemporaryFolder("interrupted");
	const apiKey = newApiKey();
	const receiver = await WebhookReceiver.open();
	const hook = receiver.hook([], reply(200, { afterMs: interruption.answerMs }));
	let server = await startServer({ dataDir: folder.path, apiKey });
	try {
		const api = new ApiClient(server.url, apiKey);
		const load: Load = { api, hook, accepted: new Map(), created: 0, ending: false };
		const { exit, interruptedAt } = await interruptUnderLoad(load, server, interruption);
		await api.close();

		const restartedAt = Date.now();
		server = await startServer({ dataDir: folder.path, apiKey });
		const apiAfter = new ApiClient(server.url, apiKey);
		await untilNothingIsLeft(apiAfter);
		const completed = await completedIds(apiAfter);
		await apiAfter.close();
		return judge({ load, completed, interruptedAt, restartedAt, exit });
	} finally {
		await server.kill();
		await receiver.close();
		folder.remove();
	}
};
