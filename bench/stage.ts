import { setTimeout as sleep } from "node:timers/promises";
import { Arrivals } from "./arrivals.ts";
import { Connections } from "./connections.ts";
import type { Subject } from "./subject.ts";
import { taskBodies } from "./task-bodies.ts";

const WARM_UP_TASKS = 500;
const SETTLE_MS = 500;

/** A subject with the webhook and the connections of one load. Task numbers from `first` on are free. */
export type Stage = Readonly<{
	subject: Subject;
	arrivals: Arrivals;
	connections: Connections;
	first: number;
}>;

/** Runs `load` on a subject that has just done its warm-up tasks and come to rest. */
export const onWarmStage = async <Figures>(
	subject: Subject,
	load: (stage: Stage) => Promise<Figures>,
): Promise<Figures> => {
	const arrivals = await Arrivals.open();
	const connections = new Connections(subject);
	try {
		await connections.postAll(taskBodies(0, WARM_UP_TASKS, arrivals.url));
		await arrivals.total(WARM_UP_TASKS);
		await sleep(SETTLE_MS);
		return await load({ subject, arrivals, connections, first: WARM_UP_TASKS });
	} finally {
		await connections.close();
		arrivals.close();
	}
};
