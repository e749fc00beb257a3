import { setTimeout as sleep } from "node:timers/promises";
import { Connections } from "../connections.ts";
import type { Figures } from "../figures.ts";
import { memoryMiB } from "../process-usage.ts";
import type { Subject } from "../subject.ts";
import { taskFor } from "../task-bodies.ts";
import { throughput } from "./throughput.ts";

const WAITING_TASKS = 100_000;
const BATCH = 100;
const CONNECTIONS = 4;
const ONE_HOUR = 3_600;
const NOBODY = "http://127.0.0.1:2/never-called";
/** Memory is read when the process has been at rest for this long. */
const REST_MS = 3_000;

const atRest = async ({ pid }: Subject): Promise<number> => {
	await sleep(REST_MS);
	return memoryMiB(pid);
};

const createWaitingTasks = async (subject: Subject): Promise<void> => {
	const tasks = Array.from({ length: BATCH }, (_, n) => taskFor(n, NOBODY, ONE_HOUR));
	const batch = JSON.stringify({ tasks });
	const connections = new Connections(subject, CONNECTIONS);
	const answers = await connections.postAll(Array(WAITING_TASKS / BATCH).fill(batch), "/v1/tasks/batch", 200);
	await connections.close();
	for (const { body } of answers) {
		const refused = JSON.parse(body).results.find((result: { status: number }) => result.status !== 201);
		if (refused) throw new Error(`A batch item was refused: ${JSON.stringify(refused)}`);
	}
};

/** PSS of the process at rest: new, after the throughput load, and with 100,000 tasks more that wait an hour. */
export const memory = async (subject: Subject): Promise<Figures> => {
	const idleMiB = await atRest(subject);
	await throughput(subject);
	const afterLoadMiB = await atRest(subject);
	await createWaitingTasks(subject);
	const waitingMiB = await atRest(subject);
	return { idleMiB, afterLoadMiB, addedByWaitingMiB: waitingMiB - afterLoadMiB };
};
