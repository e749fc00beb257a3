import { memoryMiB } from "../../bench/process-usage.ts";
import { percentile } from "../../bench/statistics.ts";
import type { ProgramExit } from "../support/listening-program.ts";
import { makeTemporaryFolder } from "../support/temporary-folder.ts";
import { type Finding, fuzzLane } from "./api-fuzz.ts";
import { apiRequests } from "./api-requests.ts";
import { type FuzzTarget, openFuzzTarget } from "./fuzz-target.ts";
import { KnownIds } from "./known-ids.ts";
import { bodyCases } from "./raw-bodies.ts";
import { type RawCase, rawFaults, rawReproduction } from "./raw-case.ts";
import { orderCases, slowCases } from "./raw-clients.ts";
import { framingCases } from "./raw-framing.ts";
import { headCases } from "./raw-heads.ts";

/** Every raw case that does not wait for a time limit. */
export const quickCases: readonly RawCase[] = [...headCases, ...framingCases, ...orderCases, ...bodyCases];

export type CampaignOptions = Readonly<{
	/** Generated requests; raw cases come on top. */
	requests: number;
	seed: number;
	/** Connections at a time. */
	lanes: number;
	/** How often all quick raw cases are gone through, spread over the run. */
	rawRounds: number;
	/** Whether clients that take their time are played as well; they take as long as the server's limits. */
	withSlowClients: boolean;
	/** Ends the run early, with what has been found so far. */
	signal?: AbortSignal;
	onProgress?: (done: number, memoryMiB: number) => void;
}>;

export type CampaignResult = Readonly<{
	findings: readonly Finding[];
	requests: number;
	/** How many answers had each status. */
	statuses: Readonly<Record<number, number>>;
	/** Time to answer, in ms: of requests that were accepted, and of refused ones. */
	accepted: Readonly<{ p50: number; p99: number }>;
	refused: Readonly<{ p50: number; p99: number }>;
	/** The server's memory in MiB, after each fiftieth of the run. */
	memory: readonly number[];
	/** What the server said when it was asked to stop. */
	exit: ProgramExit;
}>;

const PARTS = 50;

const percentilesOf = (times: readonly number[]) => ({
	p50: percentile(times, 50),
	p99: percentile(times, 99),
});

/** One run against one server. */
class Campaign {
	readonly #options: CampaignOptions;
	readonly #target: FuzzTarget;
	readonly #drafts: ReturnType<typeof apiRequests>;
	readonly #known = new KnownIds();
	readonly #findings: Finding[] = [];
	readonly #statuses: Record<number, number> = {};
	readonly #accepted: number[] = [];
	readonly #refused: number[] = [];
	readonly #memory: number[] = [];
	#requests = 0;

	constructor(options: CampaignOptions, target: FuzzTarget) {
		this.#options = options;
		this.#target = target;
		this.#drafts = apiRequests(target.webhookUrl);
	}

	async run(): Promise<Omit<CampaignResult, "exit">> {
		const slow = this.#options.withSlowClients ? slowCases.map((raw) => this.#rawCase(raw)) : [];
		for (let part = 0; part < PARTS && !this.#isOver; part += 1) {
			await Promise.all(Array.from({ length: this.#options.lanes }, (_, lane) => this.#lane(part, lane)));
			await this.#rawRounds(part);
			this.#memory.push(memoryMiB(this.#target.server.pid));
		}
		await Promise.all(slow);
		return {
			findings: this.#findings,
			requests: this.#requests,
			statuses: this.#statuses,
			accepted: percentilesOf(this.#accepted),
			refused: percentilesOf(this.#refused),
			memory: this.#memory,
		};
	}

	get #isOver(): boolean {
		return this.#findings.length > 0 || this.#options.signal?.aborted === true;
	}

	async #lane(part: number, lane: number): Promise<void> {
		const { requests, seed, lanes } = this.#options;
		const finding = await fuzzLane({
			url: this.#target.server.url,
			keys: this.#target.keys,
			drafts: this.#drafts,
			known: this.#known,
			// Lanes and parts share nothing but the seed that they begin with.
			seed: seed * 1_000 + part * lanes + lane,
			requests: Math.ceil(requests / PARTS / lanes),
			isOver: () => this.#isOver,
			onAnswer: (status, ms) => this.#answered(status, ms),
		});
		if (finding) this.#findings.push(finding);
	}

	#answered(status: number, ms: number): void {
		this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
		(status < 400 ? this.#accepted : this.#refused).push(ms);
		this.#requests += 1;
		if (this.#requests % 1_000 === 0)
			this.#options.onProgress?.(this.#requests, memoryMiB(this.#target.server.pid));
	}

	/** Those of the rounds that are due by the end of a part. */
	async #rawRounds(part: number): Promise<void> {
		const { rawRounds } = this.#options;
		const due = Math.floor((rawRounds * (part + 1)) / PARTS) - Math.floor((rawRounds * part) / PARTS);
		for (let round = 0; round < due; round += 1) for (const raw of quickCases) await this.#rawCase(raw);
	}

	async #rawCase(raw: RawCase): Promise<void> {
		const { keys, webhookUrl, port } = this.#target;
		const target = { key: keys.live, webhookUrl };
		const faults = await rawFaults(raw, port, target).catch((error: unknown) => [String(error)]);
		this.#requests += Math.max(1, raw.answers.length);
		if (faults.length > 0)
			this.#findings.push({ name: raw.name, faults, reproduction: rawReproduction(raw, target), answer: "" });
	}
}

/** Fuzzes an embedded server in a process of its own, whose data are on disk as they would be. */
export const runCampaign = async (options: CampaignOptions): Promise<CampaignResult> => {
	const folder = makeTemporaryFolder("fuzz");
	const target = await openFuzzTarget(folder.path);
	try {
		const result = await new Campaign(options, target).run();
		await target.assertHealthy();
		return { ...result, exit: await target.close() };
	} finally {
		await target.server.kill();
		folder.remove();
	}
};
