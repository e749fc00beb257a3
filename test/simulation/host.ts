import { apiHandler } from "../../lambda/handlers/api.ts";
import { deliverHandler } from "../../lambda/handlers/deliver.ts";
import { drainHandler } from "../../lambda/handlers/drain.ts";
import { reconcileHandler } from "../../lambda/handlers/reconcile.ts";
import { workHandler } from "../../lambda/handlers/work.ts";
import type { Ports } from "../../lambda/ports.ts";
import { Process } from "./process.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The product's handlers in one process. */
const handlersOf = (ports: Ports) => ({
	api: apiHandler(ports),
	deliver: deliverHandler(ports),
	work: workHandler(ports),
	drain: drainHandler(ports),
	reconcile: reconcileHandler(ports),
});

export type Handlers = ReturnType<typeof handlersOf>;

type Options = Readonly<{
	name: string;
	/** Invocations at the same time: 1 in a Lambda execution environment. */
	capacity: number;
	/** Lambda ends an environment whose invocation takes longer than its function may. */
	endsSlowInvocations: boolean;
	maxClockOffsetMs: number;
	time: VirtualTime;
	random: SeededRandom;
	portsOf: (process: Process) => Ports;
	/** There is room for an invocation again. */
	onRoom: () => void;
}>;

/** How an invocation ended: with a result, with the error that its handler threw, or with the process. */
export type Ending<Result> = Readonly<
	{ kind: "returned"; result: Result } | { kind: "threw"; error: unknown } | { kind: "died" }
>;

/** A place where one process after the other runs: when one has died, the next starts with nothing in its caches. */
export class Host {
	readonly #options: Options;
	#process: Process;
	#handlers: Handlers;
	#starts = 0;
	#busy = 0;

	constructor(options: Options) {
		this.#options = options;
		[this.#process, this.#handlers] = this.#start();
	}

	get hasRoom(): boolean {
		return this.#process.isAlive && this.#busy < this.#options.capacity;
	}

	/** Ends its process now, if it has one. */
	kill(): void {
		this.#process.die();
	}

	/** Calls back once: with how the invocation ended. */
	invoke<Result>(
		timeoutSeconds: number,
		run: (handlers: Handlers) => Promise<Result>,
		onEnd: (ending: Ending<Result>) => void,
	): void {
		const process = this.#process;
		const { time, endsSlowInvocations, onRoom } = this.#options;
		this.#busy += 1;
		let isOver = false;
		const end = (ending: Ending<Result>): void => {
			if (isOver) return;
			isOver = true;
			forget();
			if (ending.kind !== "died") {
				this.#busy -= 1;
				onRoom();
			}
			onEnd(ending);
		};
		const forget = process.onDeath(() => end({ kind: "died" }));
		if (endsSlowInvocations)
			time.after(timeoutSeconds * 1_000, () => {
				if (!isOver) process.die();
			});
		run(this.#handlers).then(
			(result) => end({ kind: "returned", result }),
			(error: unknown) => end({ kind: "threw", error }),
		);
	}

	#start(): [Process, Handlers] {
		const { name, time, random, portsOf, maxClockOffsetMs, onRoom } = this.#options;
		this.#starts += 1;
		this.#busy = 0;
		const offset = random.int(-maxClockOffsetMs, maxClockOffsetMs);
		const process = new Process(`${name}.${this.#starts}`, time, offset);
		process.onDeath(() => {
			time.after(random.int(10, 5_000), () => {
				[this.#process, this.#handlers] = this.#start();
				onRoom();
			});
		});
		return [process, handlersOf(portsOf(process))];
	}
}
