import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";

export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const LOCAL_SERVER = "bin/local.ts";
const READY = /listening on (http:\/\/\S+)/;

export type ServerOptions = Readonly<{
	/** The folder that holds everything accepted. */
	dataDir: string;
	apiKey: string;
	/** 0 takes any free port. */
	port?: number;
	env?: Readonly<Record<string, string>>;
}>;

export type ServerExit = Readonly<{ code: number | null; signal: string | null; output: string }>;

/** A program of this repository in a process of its own, with what it printed so far. */
class Program {
	readonly child: ChildProcess;
	output = "";

	constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
		this.child = spawn(command, args, {
			cwd: REPOSITORY,
			env: { ...process.env, ...env },
			stdio: ["ignore", "pipe", "pipe"],
		});
		for (const stream of [this.child.stdout, this.child.stderr]) {
			stream?.setEncoding("utf8").on("data", (text: string) => {
				this.output += text;
			});
		}
	}

	get hasEnded(): boolean {
		return this.child.exitCode !== null || this.child.signalCode !== null;
	}

	async ended(): Promise<ServerExit> {
		// "close" and not "exit": only then all output has arrived.
		if (!this.hasEnded) await once(this.child, "close");
		return { code: this.child.exitCode, signal: this.child.signalCode, output: this.output };
	}

	async end(signal: "SIGTERM" | "SIGKILL"): Promise<ServerExit> {
		this.child.kill(signal);
		return this.ended();
	}
}

/** A running embedded server (`bin/local.ts`). */
export type ServerProcess = Readonly<{
	url: string;
	pid: number;
	/** From spawn to the line that says it listens. */
	readyMs: number;
	/** Asks it to stop and waits until it has. */
	stop(): Promise<ServerExit>;
	/** Ends it without notice (SIGKILL). */
	kill(): Promise<ServerExit>;
}>;

const environment = ({ dataDir, apiKey, port = 0, env = {} }: ServerOptions): Record<string, string> => ({
	PORT: String(port),
	ASYNCQUEUE_DATA: dataDir,
	ASYNCQUEUE_API_KEY: apiKey,
	...env,
});

/** Starts a server and waits until it listens. */
export const startServer = async (options: ServerOptions): Promise<ServerProcess> => {
	const startedAt = performance.now();
	const program = new Program(process.execPath, [LOCAL_SERVER], environment(options));
	const url = await eventually(
		"the server to listen",
		() => {
			if (program.hasEnded) throw new Error(`The server ended at once:\n${program.output}`);
			return READY.exec(program.output)?.[1];
		},
		20_000,
		5,
	);
	return {
		url,
		pid: program.child.pid ?? 0,
		readyMs: performance.now() - startedAt,
		stop: () => program.end("SIGTERM"),
		kill: () => program.end("SIGKILL"),
	};
};

/** Starts a server that is expected to give up, and returns how it ended. */
export const startServerInVain = async (
	options: ServerOptions,
	command: string = process.execPath,
	nodeArgs: readonly string[] = [],
): Promise<ServerExit> => {
	const program = new Program(command, [...nodeArgs, LOCAL_SERVER], environment(options));
	const giveUp = setTimeout(() => program.child.kill("SIGKILL"), 20_000);
	try {
		return await program.ended();
	} finally {
		clearTimeout(giveUp);
	}
};
