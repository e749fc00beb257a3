import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { QueueSettings } from "../../lambda/core/queue.ts";
import type { Creation } from "./fleet-stage.ts";

/** What a fleet in another process can be told. */
export type Order = Readonly<
	| { kind: "configure"; queue: string; settings: Partial<QueueSettings> }
	| ({ kind: "create" } & Creation)
	| { kind: "killPump" }
>;

const PROGRAM = fileURLToPath(new URL("fleet-process.ts", import.meta.url));

/** A worker fleet in a process of its own: what it does not get round to does not disturb who measures it. */
export class RemoteFleet {
	readonly #child: ChildProcess;

	private constructor(child: ChildProcess) {
		this.#child = child;
	}

	/** `concurrency` workers at each queue. */
	static async start(concurrency: number): Promise<RemoteFleet> {
		const child = fork(PROGRAM, [String(concurrency)], { serialization: "advanced" });
		await once(child, "message");
		return new RemoteFleet(child);
	}

	/** One order at a time. */
	async order(order: Order): Promise<unknown> {
		const answered = once(this.#child, "message");
		this.#child.send(order);
		const [{ result }] = await answered;
		return result;
	}

	/** Creates tasks; returns when each was asked for, epoch ms with fractions. */
	async create(creation: Creation): Promise<readonly number[]> {
		return (await this.order({ kind: "create", ...creation })) as readonly number[];
	}

	end(): void {
		this.#child.disconnect();
	}
}
