import type { Figures } from "../figures.ts";
import { atPace } from "../pace.ts";
import { onWarmStage, type Stage } from "../stage.ts";
import { percentile } from "../statistics.ts";
import type { Subject } from "../subject.ts";
import { taskBodies } from "../task-bodies.ts";

const TASKS_PER_SECOND = 50;
const SECONDS = 20;
const TASKS = TASKS_PER_SECOND * SECONDS;

const run = async ({ arrivals, connections, first }: Stage): Promise<Figures> => {
	const sentAt = new Map<number, number>();
	const create = async (body: string, index: number): Promise<number> => {
		sentAt.set(first + index, performance.now());
		return (await connections.post(body)).latencyMs;
	};
	const createMs = await atPace(taskBodies(first, TASKS, arrivals.url), TASKS_PER_SECOND, create);
	await arrivals.total(first + TASKS);
	const endToEndMs = [...sentAt].map(([n, sent]) => (arrivals.times.get(n) ?? Number.NaN) - sent);
	return {
		pacedCreateP50Ms: percentile(createMs, 50),
		pacedCreateP99Ms: percentile(createMs, 99),
		endToEndP50Ms: percentile(endToEndMs, 50),
		endToEndP99Ms: percentile(endToEndMs, 99),
	};
};

/** 50 tasks/s for 20 s, each sent at its time whether or not earlier ones are answered. */
export const paced = (subject: Subject): Promise<Figures> => onWarmStage(subject, run);
