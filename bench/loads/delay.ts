import type { Figures } from "../figures.ts";
import { atPace } from "../pace.ts";
import { onWarmStage, type Stage } from "../stage.ts";
import { percentile } from "../statistics.ts";
import type { Subject } from "../subject.ts";
import { taskBodies } from "../task-bodies.ts";

const TASKS = 200;
const TASKS_PER_SECOND = 50;
const LONGEST_DELAY_SECONDS = 5;

const run = async ({ arrivals, connections, first }: Stage): Promise<Figures> => {
	const delayOf = (n: number) => 1 + (n % LONGEST_DELAY_SECONDS);
	const dueAt = new Map<number, number>();
	const create = async (body: string, index: number): Promise<void> => {
		const answer = await connections.post(body);
		dueAt.set(first + index, Date.parse(JSON.parse(answer.body).run_at));
	};
	await atPace(taskBodies(first, TASKS, arrivals.url, delayOf), TASKS_PER_SECOND, create);
	await arrivals.total(first + TASKS);
	const lagMs = [...dueAt].map(([n, due]) => arrivals.instantOf(n) - due);
	return {
		dueP50Ms: percentile(lagMs, 50),
		dueP99Ms: percentile(lagMs, 99),
		dueEarliestMs: Math.min(...lagMs),
	};
};

/**
 * 200 tasks, created 50 a second with delays of 1, 2, 3, 4 and 5 s in turn, so that no two are due together: how long
 * after its `run_at` each one arrives, by the wall clock that both processes share.
 */
export const delay = (subject: Subject): Promise<Figures> => onWarmStage(subject, run);
