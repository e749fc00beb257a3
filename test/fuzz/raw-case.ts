import { exchange, type Step } from "./connection.ts";
import { contractFaults } from "./response-contract.ts";

/** What raw requests need to know of the server that they are sent to. */
export type RawTarget = Readonly<{ key: string; webhookUrl: string }>;

/** Bytes that no HTTP client would send, and what has to come back. */
export type RawCase = Readonly<{
	/** Completes the sentence "The server copes with …". */
	name: string;
	steps: (target: RawTarget) => readonly Step[];
	/** For each response, in order, the statuses that are right. */
	answers: readonly (readonly number[])[];
	/** Whether the server has to close the connection after that. */
	closes: boolean;
}>;

/** What is wrong with the server's answer; nothing if all is well. */
export const rawFaults = async (raw: RawCase, port: number, target: RawTarget): Promise<string[]> => {
	const steps = raw.steps(target);
	const { responses, isClean } = await exchange(port, steps, {
		count: raw.answers.length,
		closes: raw.closes,
	});
	const statuses = responses.map(({ status }) => status);
	const areRight =
		statuses.length === raw.answers.length &&
		raw.answers.every((right, at) => right.includes(statuses[at] ?? 0));
	return [
		...(areRight ? [] : [`answers ${JSON.stringify(statuses)}, not ${JSON.stringify(raw.answers)}`]),
		...(isClean ? [] : ["bytes after the last response"]),
		...responses.flatMap((response) => contractFaults(response, "GET")),
	];
};

const MAX_SHOWN_BYTES = 1_024;

const stepText = (step: Step): string => {
	if (!("send" in step)) return JSON.stringify(step).slice(0, MAX_SHOWN_BYTES);
	const bytes = typeof step.send === "string" ? Buffer.from(step.send, "latin1") : Buffer.from(step.send);
	return `send ${bytes.length} bytes: ${bytes.subarray(0, MAX_SHOWN_BYTES).toString("hex")}`;
};

/** How to do it again: its steps, bytes as hex. */
export const rawReproduction = (raw: RawCase, target: RawTarget): string =>
	raw.steps(target).map(stepText).join("\n");
