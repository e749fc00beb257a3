import { createApiKey } from "../../lambda/usecases/create-api-key.ts";
import { Book } from "./book.ts";
import { CallMonitor } from "./call-monitor.ts";
import { Chronicle } from "./chronicle.ts";
import { Client } from "./client.ts";
import { Cluster } from "./cluster.ts";
import { strike } from "./disasters.ts";
import type { FaultPlan } from "./fault.ts";
import { FinalChecks } from "./final-checks.ts";
import type { Plan, PlannedEvent } from "./plan.ts";
import { PortCalls } from "./port-calls.ts";
import type { InjectedCall } from "./random-faults.ts";
import { randomFaults } from "./random-faults.ts";
import { SeededRandom } from "./seeded-random.ts";
import { Trace } from "./trace.ts";
import type { Violation } from "./violation.ts";
import { VirtualTime } from "./virtual-time.ts";
import { WebhookNetwork } from "./webhook-network.ts";

/** Monday, 2026-11-23T12:00:00Z. */
const START = Date.UTC(2026, 10, 23, 12);

const DAY_MS = 86_400_000;

/** Days after the last action: the longest delay, then the daily search for stalled tasks, and once more. */
const DAYS_TO_REST = 4;

/** More events than any run needs that comes to an end. */
const MOST_EVENTS = 3_000_000;

type Options = Readonly<{
	/** Faults of single calls; those that the plan's seed says, when absent. */
	faults?: FaultPlan;
	/** Ordinals of calls that go well although the seed says otherwise. */
	spared?: ReadonlySet<number>;
	isTraced?: boolean;
}>;

/** What came of a run. */
export type RunResult = Readonly<{
	tasks: number;
	accepted: number;
	webhookCalls: number;
	portCalls: number;
	/** Port calls that went wrong. */
	faults: readonly InjectedCall[];
	faultyCalls: number;
	violations: readonly Violation[];
	/** What happened, of these ids and names; everything when there are none. Empty unless the run was traced. */
	story: (ids: readonly string[]) => string;
}>;

/** One run of the whole service in virtual time. */
class Simulation {
	readonly #plan: Plan;
	readonly #time: VirtualTime;
	readonly #trace: Trace;
	readonly #book = new Book();
	readonly #chronicle: Chronicle;
	readonly #calls: PortCalls;
	readonly #monitor: CallMonitor;
	readonly #cluster: Cluster;
	readonly #client: Client;
	readonly #violations: Violation[] = [];
	readonly #faults: InjectedCall[] = [];
	/** Whether everything is set up: nothing goes wrong before. */
	#isReady = false;
	#isDisturbed = false;

	constructor(plan: Plan, { faults, spared = new Set(), isTraced = false }: Options) {
		const random = new SeededRandom(plan.seed + 1);
		this.#plan = plan;
		this.#time = new VirtualTime(START, random.fork());
		this.#trace = new Trace(this.#time, isTraced);
		const time = this.#time;
		const trace = this.#trace;
		const book = this.#book;
		const now = () => time.now();
		const isDisturbed = () => this.#isDisturbed;
		const report = (violation: Violation): void => {
			this.#violations.push(violation);
		};
		this.#chronicle = new Chronicle(now);
		const chronicle = this.#chronicle;
		const drawn = randomFaults({
			random: random.fork(),
			rate: plan.faultRate,
			isDisturbed,
			spared,
			onFault: (call) => this.#faults.push(call),
		});
		const faultPlan: FaultPlan = (call) => (this.#isReady ? (faults ?? drawn)(call) : undefined);
		this.#calls = new PortCalls({ time, random: random.fork(), plan: faultPlan, trace });
		this.#monitor = new CallMonitor({ plan, book, chronicle, now, startAt: START, report });
		const network = new WebhookNetwork({
			time,
			random: random.fork(),
			calls: this.#calls,
			trace,
			onCall: (call) => this.#monitor.receive(call),
		});
		this.#cluster = new Cluster({
			shape: plan.shape,
			time,
			random: random.fork(),
			calls: this.#calls,
			network,
			chronicle,
			trace,
			log: this.#log(),
			isDisturbed,
		});
		this.#client = new Client({ time, random: random.fork(), hosts: this.#cluster.apiHosts, book, trace });
	}

	async run(): Promise<RunResult> {
		await this.#setUp();
		this.#isReady = true;
		this.#isDisturbed = true;
		const startedAt = this.#time.now();
		for (const event of this.#plan.events) this.#schedule(event);
		const lastAt = startedAt + (this.#plan.events.at(-1)?.at ?? 0);
		await this.#runUntil(lastAt + this.#plan.disturbedMs + 1);
		this.#isDisturbed = false;
		await this.#rest();
		if (this.#client.isBusy)
			this.#violations.push({ invariant: "every request ends", what: "a client still waits", ids: [] });
		this.#finalChecks().run();
		return this.#result();
	}

	#finalChecks(): FinalChecks {
		return new FinalChecks({
			plan: this.#plan,
			book: this.#book,
			chronicle: this.#chronicle,
			world: this.#cluster.world,
			monitor: this.#monitor,
			report: (violation) => this.#violations.push(violation),
		});
	}

	/** Keys and queues as planned, before anything goes wrong. */
	async #setUp(): Promise<void> {
		const { stores } = this.#cluster.world;
		const random = new SeededRandom(this.#plan.seed).port();
		for (const team of new Set(this.#plan.queues.map((queue) => queue.team))) {
			const ports = { ...stores, random, clock: { now: () => Math.floor(this.#time.now()) } };
			const { secret } = await createApiKey(ports as never, team, { name: team, mode: "live" });
			this.#book.noteSecret(team, secret);
		}
		for (const queue of this.#plan.queues.filter(({ settings }) => Object.keys(settings).length > 0))
			this.#client.begin({ kind: "put", queue, settings: queue.settings });
		await this.#runUntil(this.#time.now() + 10_000);
	}

	#schedule(event: PlannedEvent): void {
		this.#time.after(event.at, () => {
			if ("action" in event) this.#client.begin(event.action);
			else {
				this.#trace.note("world", event.disaster.kind);
				strike(event.disaster, this.#cluster, this.#time);
			}
		});
	}

	/** Nothing goes wrong any more; once a day somebody looks for what has been left lying. */
	async #rest(): Promise<void> {
		for (let day = 0; day < DAYS_TO_REST; day += 1) {
			this.#cluster.arm();
			await this.#runUntil(this.#time.now() + DAY_MS);
			if (day === 0) this.#finalChecks().runBeforeReconciliation(this.#time.now());
			this.#trace.note("world", "reconcile");
			this.#cluster.reconcile();
		}
		await this.#runUntil(this.#time.now() + DAY_MS);
	}

	async #runUntil(instant: number): Promise<void> {
		await this.#time.run(instant, () => this.#time.happened > MOST_EVENTS);
		if (this.#time.happened > MOST_EVENTS)
			this.#violations.push({ invariant: "comes to rest", what: `${MOST_EVENTS} events`, ids: [] });
	}

	#log() {
		const at = (level: string) => (event: string, fields: Readonly<Record<string, unknown>>) => {
			// Clients say the same; and it has a duration in real time, which no seed decides.
			if (event === "api.handled") return;
			this.#trace.note("log", `${level} ${event}`, () => ({ ...fields, error: `${fields["error"] ?? ""}` }));
		};
		return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
	}

	#result(): RunResult {
		return {
			tasks: this.#chronicle.stored.size,
			accepted: this.#book.accepted.size,
			webhookCalls: this.#monitor.count,
			portCalls: this.#calls.count,
			faults: this.#faults,
			faultyCalls: this.#calls.faulty,
			violations: this.#violations,
			story: (ids) => this.#trace.story(ids),
		};
	}
}

/** Runs a plan to its end. The same plan and options always give the same result. */
export const simulate = (plan: Plan, options: Options = {}): Promise<RunResult> =>
	new Simulation(plan, options).run();
