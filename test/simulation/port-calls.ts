import { type Fault, type FaultPlan, InjectedFault, type PortCall } from "./fault.ts";
import type { Process } from "./process.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Trace } from "./trace.ts";
import type { VirtualTime } from "./virtual-time.ts";

type Method = (...parameters: readonly unknown[]) => Promise<unknown>;

/** A call as it is under way. */
type Course = Readonly<{
	process: Process;
	fault: Fault | undefined;
	effect: () => Promise<unknown>;
	resolve: (answer: unknown) => void;
	reject: (error: unknown) => void;
}>;

type Options = Readonly<{
	time: VirtualTime;
	random: SeededRandom;
	plan: FaultPlan;
	trace: Trace;
}>;

const hasNoEffect = (fault: Fault | undefined): boolean =>
	fault === "error_before" || fault === "timeout" || fault === "crash_before";

const failsOf = (fault: Fault | undefined): boolean =>
	fault === "error_before" || fault === "error_after" || fault === "timeout" || fault === "timeout_after";

/**
 * All calls that processes make to ports. Each takes time to have its effect, and again until its answer is there, so
 * that calls of all processes interleave; a plan says which of them go wrong.
 */
export class PortCalls {
	readonly #options: Options;
	#calls = 0;
	#faults = 0;

	constructor(options: Options) {
		this.#options = options;
	}

	get count(): number {
		return this.#calls;
	}

	/** Calls that something went wrong with. */
	get faulty(): number {
		return this.#faults;
	}

	/** The next call, and what goes wrong with it. */
	begin(process: Process, port: string, method: string, parameters: unknown): Fault | undefined {
		const call: PortCall = { ordinal: this.#calls, process: process.name, port, method };
		this.#calls += 1;
		const fault = this.#options.plan(call);
		if (fault) this.#faults += 1;
		this.#options.trace.call(call, fault, parameters);
		return fault;
	}

	/** `port` as the process sees it. */
	wrap<Port extends object>(process: Process, name: string, port: Port): Port {
		const methods = new Map<string | symbol, Method>();
		return new Proxy(port, {
			get: (target, member) => {
				const value: unknown = Reflect.get(target, member, target);
				if (typeof value !== "function") return value;
				const known = methods.get(member);
				if (known) return known;
				const method: Method = (...parameters) =>
					this.#call(process, name, String(member), parameters, () =>
						(value as Method).apply(target, [...parameters]),
					);
				methods.set(member, method);
				return method;
			},
		});
	}

	#call(
		process: Process,
		port: string,
		method: string,
		parameters: readonly unknown[],
		effect: () => Promise<unknown>,
	): Promise<unknown> {
		return new Promise((resolve, reject) => {
			if (!process.isAlive) return;
			const { time, random } = this.#options;
			const fault = this.begin(process, port, method, parameters);
			if (fault === "crash_before") return process.die();
			const course: Course = { process, fault, effect, resolve, reject };
			// A request that has left the process goes on without it.
			const owner = random.chance(0.5) ? undefined : process;
			time.after(this.#latencyMs(fault === "late_effect"), () => this.#reach(course), owner);
		});
	}

	/** The call has its effect. */
	#reach({ process, fault, effect, resolve, reject }: Course): void {
		const { time, random } = this.#options;
		const answer = hasNoEffect(fault) ? Promise.resolve() : effect();
		answer.catch(() => undefined);
		if (fault === "twice") effect().catch(() => undefined);
		if (fault === "crash_after") process.die();
		if (fault === "freeze") process.freeze(random.pick([50, 2_000, 20_000, 200_000]));
		const settle = (): void => {
			if (failsOf(fault)) reject(new InjectedFault(`${fault}`));
			else answer.then(resolve, reject);
		};
		const isSlow = fault === "late_answer" || fault === "timeout" || fault === "timeout_after";
		time.after(this.#latencyMs(isSlow), settle, process);
	}

	/** Mostly a few milliseconds, now and then a fraction of a second; seconds where something is wrong. */
	#latencyMs(isSlow: boolean): number {
		const { random } = this.#options;
		if (isSlow) return 500 + random.fraction() * random.pick([2_000, 10_000]);
		return random.chance(0.05) ? random.fraction() * 300 : random.fraction() * 5;
	}
}
