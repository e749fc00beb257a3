import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "../support/eventually.ts";
import { type ServerOptions, serverEnvironment, startArguments } from "../support/server-process.ts";
import type { DataDisk } from "./data-disk.ts";

const CLOCK = fileURLToPath(new URL("stepped-clock.cjs", import.meta.url));
const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 60_000;
const OUTPUT_KEPT = 20_000;

/** Memory of the server at one instant; `at` in ms on this process's monotonic clock. */
export type MemorySample = Readonly<{ at: number; rssMiB: number; heapMiB: number }>;

type ClockAnswer = Readonly<{ offsetMs: number; rss: number; heapUsed: number }>;

type LifeOptions = Readonly<{ disk: DataDisk; server: ServerOptions; clockOffsetMs: number }>;

const MIB = 1_048_576;

/** One process of the server, from its start to its end. */
export class ServerLife {
	readonly samples: MemorySample[] = [];
	readonly #child: ChildProcess;
	readonly #closed: Promise<unknown>;
	/** Its end has been asked for. */
	#isEnding = false;
	/** What it printed last. */
	output = "";

	/** Starts the server as `npm start` does, with its clock under our control. */
	constructor({ disk, server, clockOffsetMs }: LifeOptions) {
		const node = [process.execPath, "--require", CLOCK, ...startArguments()] as const;
		const [program, ...args] = disk.command(node);
		this.#child = spawn(program, args, {
			env: {
				...process.env,
				...serverEnvironment(server),
				ASYNCQUEUE_LOG_LEVEL: "error",
				SOAK_CLOCK_OFFSET_MS: String(clockOffsetMs),
			},
			stdio: ["ignore", "pipe", "pipe", "ipc"],
		});
		this.#closed = once(this.#child, "close");
		for (const stream of [this.#child.stdout, this.#child.stderr])
			stream?.setEncoding("utf8").on("data", (text: string) => {
				this.output = (this.output + text).slice(-OUTPUT_KEPT);
			});
		this.#child.on("message", ({ rss, heapUsed }: ClockAnswer) => {
			this.samples.push({ at: performance.now(), rssMiB: rss / MIB, heapMiB: heapUsed / MIB });
		});
	}

	get hasEnded(): boolean {
		return this.#child.exitCode !== null || this.#child.signalCode !== null;
	}

	/** It has ended without having been asked to. */
	get crashed(): boolean {
		return this.hasEnded && !this.#isEnding;
	}

	/** Resolves when it answers requests. */
	async listening(): Promise<void> {
		await eventually(
			"the server to listen",
			() => {
				if (this.hasEnded) throw new Error(`The server ended at once:\n${this.output}`);
				return this.output.includes("listening on ") ? true : undefined;
			},
			START_WITHIN_MS,
			5,
		);
	}

	/** Sets its wall clock, and its monotonic one, to the machine's plus this; resolves when they have been set. */
	async setClock(offsetMs: number, passedMs = 0): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		const listen = (answer: ClockAnswer) => answer.offsetMs === offsetMs && resolve();
		this.#child.on("message", listen);
		this.#send({ offsetMs, passedMs });
		await Promise.race([promise, this.#closed]);
		this.#child.off("message", listen);
	}

	/** Asks for one more memory sample. */
	sample(): void {
		this.#send({});
	}

	/** Whether the kernel refuses to write to its files from now on, open ones included. */
	refuseWrites(refuse: boolean): void {
		execFileSync("prlimit", [`--pid=${this.#child.pid}`, `--fsize=${refuse ? "0" : "unlimited"}:unlimited`]);
	}

	/** SIGKILL. */
	async kill(): Promise<void> {
		this.#isEnding = true;
		this.#child.kill("SIGKILL");
		await this.#closed;
	}

	/** SIGTERM; resolves with the exit code, null when it had to be killed in the end. */
	async stop(): Promise<number | null> {
		this.#isEnding = true;
		const giveUp = setTimeout(() => this.#child.kill("SIGKILL"), STOP_WITHIN_MS);
		this.#child.kill("SIGTERM");
		await this.#closed;
		clearTimeout(giveUp);
		return this.#child.exitCode;
	}

	/** Waits for an end that comes by itself; resolves with the exit code. */
	async endedByItself(): Promise<number | null> {
		this.#isEnding = true;
		const giveUp = setTimeout(() => this.#child.kill("SIGKILL"), STOP_WITHIN_MS);
		await this.#closed;
		clearTimeout(giveUp);
		return this.#child.exitCode;
	}

	#send(order: { offsetMs?: number; passedMs?: number }): void {
		if (this.#child.connected) this.#child.send(order, () => undefined);
	}
}
