import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const READY = /listening on (http:\/\/\S+)/;
const START_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 35_000;
/** Enough of what a program printed to explain its end. */
const OUTPUT_KEPT = 20_000;

type Environment = Readonly<Record<string, string>>;

export type ProgramExit = Readonly<{
	code: number | null;
	signal: string | null;
	/** The end of what it printed. */
	output: string;
	/** All of it. */
	printed: string;
}>;

/** A program of this repository that listens on a port, in a process of its own. */
export type ListeningProgram = Readonly<{
	url: string;
	pid: number;
	/** From spawn to the line that says it listens. */
	readyMs: number;
	/** Asks it to stop (SIGTERM) and waits until it has. */
	stop(): Promise<ProgramExit>;
	/** Ends it without notice (SIGKILL). */
	kill(): Promise<ProgramExit>;
}>;

/** A child process with what it printed. It does not outlive this process. */
class Program {
	readonly child: ChildProcess;
	/** "close" and not "exit": only then all output has arrived. */
	readonly #closed: Promise<unknown>;
	readonly #printed: string[] = [];
	output = "";

	constructor(command: string, args: readonly string[], env: Environment) {
		this.child = spawn(command, args, {
			cwd: REPOSITORY,
			env: { ...process.env, ...env },
			stdio: ["ignore", "pipe", "pipe"],
		});
		this.#closed = once(this.child, "close");
		for (const stream of [this.child.stdout, this.child.stderr]) {
			stream?.setEncoding("utf8").on("data", (text: string) => {
				this.#printed.push(text);
				this.output = (this.output + text).slice(-OUTPUT_KEPT);
			});
		}
		const killWithParent = () => this.child.kill("SIGKILL");
		process.once("exit", killWithParent);
		this.child.once("exit", () => process.off("exit", killWithParent));
	}

	get hasEnded(): boolean {
		return this.child.exitCode !== null || this.child.signalCode !== null;
	}

	async ended(): Promise<ProgramExit> {
		await this.#closed;
		const { exitCode: code, signalCode: signal } = this.child;
		return { code, signal, output: this.output, printed: this.#printed.join("") };
	}

	/** SIGTERM; a program that does not end on it is killed, and that is an error. */
	async stop(): Promise<ProgramExit> {
		const giveUp = setTimeout(() => this.child.kill("SIGKILL"), STOP_WITHIN_MS);
		this.child.kill("SIGTERM");
		const exit = await this.ended();
		clearTimeout(giveUp);
		if (exit.signal !== "SIGKILL") return exit;
		throw new Error(`Still running ${STOP_WITHIN_MS / 1_000} s after SIGTERM:\n${exit.output}`);
	}

	async kill(): Promise<ProgramExit> {
		this.child.kill("SIGKILL");
		return this.ended();
	}
}

/** Starts `node <args>`, or another program, and waits until it prints `listening on <url>`. */
export const startListening = async (
	args: readonly string[],
	env: Environment = {},
	command: string = process.execPath,
): Promise<ListeningProgram> => {
	const name = args.at(-1);
	const startedAt = performance.now();
	const program = new Program(command, args, env);
	const probe = async () => {
		if (!program.hasEnded) return READY.exec(program.output)?.[1];
		const { output } = await program.ended();
		throw new Error(`${name} ended at once:\n${output}`);
	};
	const url = await eventually(`${name} to listen`, probe, START_WITHIN_MS, 5);
	return {
		url,
		pid: program.child.pid ?? 0,
		readyMs: performance.now() - startedAt,
		stop: () => program.stop(),
		kill: () => program.kill(),
	};
};

/** Starts a program that is expected to give up by itself, and returns how it ended. */
export const startInVain = async (
	args: readonly string[],
	env: Environment,
	node: string = process.execPath,
): Promise<ProgramExit> => {
	const program = new Program(node, args, env);
	const giveUp = setTimeout(() => program.child.kill("SIGKILL"), START_WITHIN_MS);
	try {
		return await program.ended();
	} finally {
		clearTimeout(giveUp);
	}
};
