import type { ServerOptions } from "../support/server-process.ts";
import type { DataDisk } from "./data-disk.ts";
import type { Ledger } from "./ledger.ts";
import type { ServerClock } from "./server-clock.ts";
import { ServerLife } from "./server-life.ts";

/** A warning of Node other than that SQLite is young: of a promise nobody waits for, too many listeners and the like. */
const WARNING = /\(node:\d+\) (?!ExperimentalWarning)/;

type ServersOptions = Readonly<{ disk: DataDisk; server: ServerOptions; clock: ServerClock; ledger: Ledger }>;

/** The server and its successors, on one data folder and one port. */
export class Servers {
	readonly lives: ServerLife[] = [];
	readonly #options: ServersOptions;
	/** What has passed in the life of the current server, beyond what has passed here. */
	#passedMs = 0;

	constructor(options: ServersOptions) {
		this.#options = options;
	}

	get current(): ServerLife {
		const life = this.lives.at(-1);
		if (!life) throw new Error("No server has been started");
		return life;
	}

	/** Which life this is, from 1. */
	get number(): number {
		return this.lives.length;
	}

	/** Starts one more server; resolves when it listens. */
	async start(): Promise<void> {
		await this.#spawn().listening();
	}

	/** SIGKILL. */
	async kill(): Promise<void> {
		await this.current.kill();
		this.#inspect();
	}

	/** SIGTERM, which must end it with code 0. */
	async stop(): Promise<void> {
		const code = await this.current.stop();
		if (code !== 0)
			this.#options.ledger.violate("SIGTERM ends the server", `exit code ${code}:\n${this.current.output}`);
		this.#inspect();
	}

	/** A server that has to give up, and to say why. */
	async startInVain(reason: RegExp): Promise<void> {
		const life = this.#spawn();
		const code = await life.endedByItself();
		this.lives.pop();
		if (code !== 1 || !reason.test(life.output))
			this.#options.ledger.violate(
				"a server that cannot write ends at once and says why",
				`exit code ${code}:\n${life.output}`,
			);
	}

	/** Sets the server's wall clock to the machine's plus this. */
	async setClock(offsetMs: number): Promise<void> {
		this.#options.clock.step(offsetMs);
		await this.current.setClock(offsetMs, this.#passedMs);
	}

	/** Lets as much time pass as nobody wants to wait: unlike a clock that is set, this ends leases and the like. */
	async letPass(milliseconds: number): Promise<void> {
		this.#passedMs += milliseconds;
		await this.setClock(this.#options.clock.offsetMs + milliseconds);
	}

	/** Starts another server if this one has ended by itself, which it must not. */
	async watch(): Promise<void> {
		if (!this.current.crashed) return;
		this.#options.ledger.violate("the server ends only when it is told to", this.current.output);
		await this.start();
	}

	/** Ends whatever runs. */
	async end(): Promise<void> {
		if (this.lives.length > 0) await this.current.kill();
	}

	#spawn(): ServerLife {
		this.#passedMs = 0;
		const { disk, server, clock } = this.#options;
		const life = new ServerLife({ disk, server, clockOffsetMs: clock.offsetMs });
		this.lives.push(life);
		return life;
	}

	#inspect(): void {
		const { output } = this.current;
		if (WARNING.test(output))
			this.#options.ledger.violate("the server causes no warning", output.slice(-2_000));
	}
}
