import fc, { type Arbitrary } from "fast-check";
import type { Draft, Keys } from "./api-requests.ts";
import { resolveDraft } from "./api-requests.ts";
import { KeptConnection } from "./connection.ts";
import type { KnownIds } from "./known-ids.ts";
import { contractFaults } from "./response-contract.ts";
import { reproduction, requestBytes, type WireRequest } from "./wire-request.ts";
import type { WireResponse } from "./wire-response.ts";

/** A request that the server did not answer as it should. */
export type Finding = Readonly<{
	name: string;
	faults: readonly string[];
	reproduction: string;
	answer: string;
}>;

type Lane = Readonly<{
	url: string;
	drafts: Arbitrary<Draft>;
	keys: Keys;
	known: KnownIds;
	seed: number;
	requests: number;
	/** Whether to send no more. */
	isOver: () => boolean;
	/** Told of every answer: its status and how long it took, in ms. */
	onAnswer: (status: number, ms: number) => void;
}>;

/** Requests that may be spent on making a failing one smaller. */
const MAX_SHRINKS = 300;
const MAX_SHOWN = 600;

/** A request with nothing wrong must not be refused for what it says. */
const draftFaults = ({ kind, method }: Draft, response: WireResponse): string[] => {
	const faults = contractFaults(response, method);
	const { status } = response;
	const isRefused = status >= 400 && ![404, 409, 413].includes(status);
	return kind === "valid" && isRefused ? [...faults, `a valid request is answered ${status}`] : faults;
};

const describe = (
	url: string,
	draft: Draft,
	request: WireRequest,
	faults: readonly string[],
	answer: string,
): Finding => ({
	name: `${draft.kind} ${draft.operation}`,
	faults,
	reproduction: reproduction(request, url),
	answer: answer.slice(0, MAX_SHOWN),
});

/**
 * Sends generated requests one after the other over one connection. Returns the smallest failing one that it found,
 * or undefined. The same seed makes the same requests, but for ids that the server has chosen.
 */
export const fuzzLane = async (lane: Lane): Promise<Finding | undefined> => {
	const { url, keys, known, isOver, onAnswer } = lane;
	const connection = new KeptConnection(Number(new URL(url).port));
	let finding: Finding | undefined;
	let shrinks = 0;

	const send = async (
		draft: Draft,
		request: WireRequest,
	): Promise<readonly [faults: readonly string[], answer: string]> => {
		const startedAt = performance.now();
		try {
			const response = await connection.send(requestBytes(request), draft.method);
			onAnswer(response.status, performance.now() - startedAt);
			const faults = draftFaults(draft, response);
			if (faults.length === 0) known.learn(response);
			return [faults, `${response.status} ${JSON.stringify(response.headers)} ${response.body}`];
		} catch (error) {
			connection.close();
			return [[String(error)], ""];
		}
	};

	const property = fc.asyncProperty(lane.drafts, async (draft) => {
		if (finding) shrinks += 1;
		if (shrinks > MAX_SHRINKS || (!finding && isOver())) return true;
		const request = resolveDraft(draft, known, keys);
		const [faults, answer] = await send(draft, request);
		if (faults.length === 0) return true;
		finding = describe(url, draft, request, faults, answer);
		return false;
	});
	await fc.check(property, { seed: lane.seed, numRuns: lane.requests });
	connection.close();
	return finding;
};
