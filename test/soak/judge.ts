import type { ApiClient } from "../support/api-client.ts";
import type { TaskListView, TaskView } from "../support/wire-format.ts";
import { type Call, DISK_FAULTS, KILLS, type Ledger, type TaskStory } from "./ledger.ts";
import type { ServerClock } from "./server-clock.ts";
import { plannedEnd, QUEUES } from "./task-plan.ts";

/** Clocks are read in whole milliseconds, here and there. */
const TOLERANCE_MS = 3;

/** The default backoff: 1 s, 2 s, 4 s … */
const backoffMs = (attempt: number): number => 1_000 * 2 ** (attempt - 1);

/** How often one disruption may make an attempt be repeated: a failing disk once as it begins and once as it ends. */
const REPEATS_A_KILL = 1;
const REPEATS_A_DISK_FAULT = 2;

/** What the API tells of a task in the end, without what nobody looks at. */
export type Ending = Readonly<{ id: string; status: string; attempts: number; shortestMs: number }>;

const endingOf = ({ id, status, attempts }: TaskView): Ending => ({
	id,
	status,
	attempts: attempts.length,
	shortestMs: Math.min(0, ...attempts.map(({ duration_ms }) => duration_ms)),
});

/** Every task of a queue, page by page. */
async function* listTasks(api: ApiClient, queue: string): AsyncGenerator<TaskView> {
	let cursor: string | null | undefined;
	do {
		const path = `/v1/tasks?queue=${queue}&limit=100${cursor ? `&cursor=${cursor}` : ""}`;
		const page: TaskListView = await api.expectCall<TaskListView>(200, "GET", path);
		yield* page.tasks;
		cursor = page.pagination.next_cursor;
	} while (cursor);
}

/** Every task that the API lists, by id; a task that is listed twice is a violation. */
export const readEndings = async (api: ApiClient, ledger: Ledger): Promise<Map<string, Ending>> => {
	const endings = new Map<string, Ending>();
	for (const queue of QUEUES) {
		for await (const task of listTasks(api, queue)) {
			if (endings.has(task.id)) ledger.violate("a task is listed once", task.id);
			endings.set(task.id, endingOf(task));
		}
	}
	return endings;
};

const allowedEnds = ({ cancel, plan }: TaskStory): readonly string[] => {
	if (cancel === "confirmed") return ["cancelled"];
	return cancel === "broken" ? ["cancelled", plannedEnd(plan)] : [plannedEnd(plan)];
};

/** Holds every promise against what was seen of each task. */
export class Judge {
	readonly #ledger: Ledger;
	readonly #clock: ServerClock;
	readonly #endings: ReadonlyMap<string, Ending>;
	/** Calls of an attempt that had come before. */
	repeats = 0;

	constructor(ledger: Ledger, clock: ServerClock, endings: ReadonlyMap<string, Ending>) {
		this.#ledger = ledger;
		this.#clock = clock;
		this.#endings = endings;
	}

	judgeAll(): void {
		const ids = new Set<string>();
		for (const story of this.#ledger.stories) {
			if (story.id !== undefined && ids.has(story.id)) this.#violate("ids are unique", story);
			if (story.id !== undefined) ids.add(story.id);
			this.#judge(story);
		}
	}

	/** What is known of a task: for people. */
	tell(story: TaskStory): string {
		const at = (instant: number) => `${(instant / 1_000).toFixed(3)} s`;
		const calls = story.calls.map(
			({ attempt, at: began, endedAt, answered }) =>
				`attempt ${attempt} at ${at(began)}${answered ? "" : ", cut off"}${endedAt ? ` until ${at(endedAt)}` : ""}`,
		);
		const disruptions = this.#ledger.disruptions
			.filter(
				({ from, to }) => to >= story.sentAt && from <= (story.calls.at(-1)?.at ?? Number.POSITIVE_INFINITY),
			)
			.map(({ kind, from, to }) => `${kind} ${at(from)}–${at(to)}`);
		return [
			`task ${story.n} (${story.id ?? "no id"}) ${JSON.stringify(story.plan)}`,
			`asked for at ${at(story.sentAt)}, ${story.created} ${story.acceptedAt ? at(story.acceptedAt) : ""}, cancel ${story.cancel}`,
			`due ${story.dueAt && new Date(story.dueAt).toISOString()}; in the API: ${JSON.stringify(this.#endings.get(story.id ?? ""))}`,
			...calls,
			`disruptions: ${disruptions.join(", ") || "none"}`,
		].join("\n    ");
	}

	#judge(story: TaskStory): void {
		this.#judgeEnd(story);
		this.#judgeIdentity(story);
		this.#judgeTimes(story);
		this.#judgeRepeats(story);
	}

	#judgeEnd(story: TaskStory): void {
		const ending = this.#endings.get(story.id ?? "");
		if (!ending) {
			if (story.created === "accepted") this.#violate("nothing accepted is lost", story);
			return;
		}
		const { status, attempts, shortestMs } = ending;
		if (!allowedEnds(story).includes(status)) this.#violate("every accepted task ends as it should", story);
		if (status === "completed" && !story.calls.some(({ answered }) => answered))
			this.#violate("what is completed was received", story);
		if (attempts > 1 + story.plan.maxRetries)
			this.#violate("there are no more attempts than 1 + max_retries", story);
		if (shortestMs < 0) this.#violate("no attempt lasts less than no time", story);
	}

	#judgeIdentity(story: TaskStory): void {
		const ids = new Set(story.calls.map(({ taskId }) => taskId));
		if (story.id !== undefined) ids.add(story.id);
		if (ids.size > 1) this.#violate("one request makes one task", story);
		if (story.calls.some(({ attempt }) => attempt > 1 + story.plan.maxRetries))
			this.#violate("there are no more attempts than 1 + max_retries", story);
	}

	#judgeTimes(story: TaskStory): void {
		const { calls, dueAt, cancelledAt } = story;
		if (calls.some(({ at }) => at > cancelledAt))
			this.#violate("nobody is called after a cancellation was confirmed", story);
		const first = calls[0];
		if (story.created === "accepted" && first && this.#clock.latest(first.at) < dueAt - TOLERANCE_MS)
			this.#violate("nobody is called before the task is due", story);
		for (const call of calls) {
			const before = calls.find(({ attempt, answered }) => answered && attempt === call.attempt - 1);
			if (!before?.answeredAt) continue;
			const due = this.#clock.earliest(before.answeredAt) + backoffMs(before.attempt);
			if (this.#clock.latest(call.at) < due - TOLERANCE_MS)
				this.#violate("nobody is called again before the backoff is over", story);
		}
	}

	#judgeRepeats(story: TaskStory): void {
		const attempts = Map.groupBy(story.calls, ({ attempt }) => attempt);
		for (const calls of attempts.values()) {
			if (calls.length === 1) continue;
			this.repeats += calls.length - 1;
			if (calls.length - 1 > this.#excusedRepeats(calls))
				this.#violate("an attempt is repeated only when its result was lost", story);
			if (calls.some((call, index) => this.#overlaps(call, calls[index + 1])))
				this.#violate("an attempt is not under way twice", story);
		}
	}

	#excusedRepeats(calls: readonly Call[]): number {
		const [from, to] = [calls[0]?.at ?? 0, calls.at(-1)?.at ?? 0];
		return (
			this.#ledger.during(from, to, KILLS).length * REPEATS_A_KILL +
			this.#ledger.during(from, to, DISK_FAULTS).length * REPEATS_A_DISK_FAULT
		);
	}

	#overlaps(call: Call, next: Call | undefined): boolean {
		if (!next || next.at >= (call.endedAt ?? Number.POSITIVE_INFINITY)) return false;
		return this.#ledger.during(call.at, next.at, KILLS).length === 0;
	}

	#violate(rule: string, story: TaskStory): void {
		this.#ledger.violate(rule, this.tell(story));
	}
}
