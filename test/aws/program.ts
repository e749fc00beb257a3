import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
/** Enough of what a program printed to explain its end. */
const OUTPUT_KEPT = 20_000;

type ProgramOptions = Readonly<{
	/** Added to this process's environment; undefined takes a variable away. */
	env: Readonly<Record<string, string | undefined>>;
	withinMs: number;
	/** Where it runs, if not in the repository. */
	cwd?: string;
	/** Whether its output is shown as it comes. */
	isShown?: boolean;
}>;

/** The tools of this repository come first, and with them its own Node. */
const path = [dirname(process.execPath), `${REPOSITORY}node_modules/.bin`, process.env["PATH"]].join(
	delimiter,
);

const killGroup = ({ pid }: ChildProcess): void => {
	try {
		if (pid !== undefined) process.kill(-pid, "SIGKILL");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
};

/**
 * Runs a program to its end and returns what it printed on standard output. It and all that it starts are killed
 * when its time is up or this process ends. Throws with its last output when it fails.
 */
export const runProgram = async (
	command: string,
	args: readonly string[],
	{ env, withinMs, cwd = REPOSITORY, isShown = false }: ProgramOptions,
): Promise<string> => {
	const child = spawn(command, args, {
		cwd,
		env: { ...process.env, PATH: path, ...env },
		stdio: ["ignore", "pipe", "pipe"],
		detached: true,
	});
	const kill = () => killGroup(child);
	process.once("exit", kill);
	const timer = setTimeout(kill, withinMs);
	let stdout = "";
	let output = "";
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding("utf8").on("data", (text: string) => {
			output = (output + text).slice(-OUTPUT_KEPT);
			if (stream === child.stdout) stdout += text;
			if (isShown) process.stdout.write(text);
		});
	try {
		const [code, signal] = await once(child, "close");
		if (code === 0) return stdout;
		const how = signal ? `was killed (${signal}), perhaps after ${withinMs / 1_000} s` : `ended with ${code}`;
		throw new Error(`${command} ${args.slice(0, 2).join(" ")} ${how}${isShown ? "" : `:\n${output}`}`);
	} finally {
		clearTimeout(timer);
		process.off("exit", kill);
	}
};
