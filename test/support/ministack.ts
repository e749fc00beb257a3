import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname } from "node:path";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { ensurePython, PYTHON } from "./python-environment.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

/**
 * MiniStack looks for due schedules every 10 s, and has no setting for it: every second makes for shorter tests.
 * After each invocation of a function it waits 50 ms for log lines on standard error, where ours write none: with one
 * request at a time per function, a suite that runs side by side would queue up for seconds.
 * It finds a stack to delete by its name only, and `cdk destroy` tells the ARN.
 */
const PROGRAM = `
from ministack.services import scheduler
scheduler._SCHEDULE_TICK_INTERVAL = 1

from ministack.core.lambda_runtime import Worker
Worker._drain_stderr_bounded = Worker._drain_stderr

from ministack.services.cloudformation import handlers
delete_by_name = handlers._ACTION_HANDLERS["DeleteStack"]
def delete_stack(params):
    stack = handlers._p(params, "StackName")
    name = stack.split("/")[1] if stack.startswith("arn:") else stack
    return delete_by_name({**params, "StackName": [name]})
handlers._ACTION_HANDLERS["DeleteStack"] = delete_stack

from ministack.app import main
main()
`;
/** Enough for a machine that is busy with everything else. */
export const START_WITHIN_MS = 60_000;
/** Enough of what MiniStack printed to explain its end. */
const OUTPUT_KEPT = 20_000;

/** Whether the tests that need MiniStack can run. Where they have to (`CI=true`), its absence is an error. */
export const hasMiniStack = (): boolean => {
	const reason = ensurePython();
	if (reason === undefined) return true;
	if (process.env["CI"] === "true") throw new Error(reason);
	process.stderr.write(`Skipped: MiniStack needs Python. ${reason}\n`);
	return false;
};

/** An AWS account in memory, in a process of its own. */
export type MiniStack = Readonly<{
	port: number;
	endpoint: string;
	/** What makes the AWS SDK and the CDK use it. */
	environment: Readonly<Record<string, string>>;
	/** What it printed last. */
	output(): string;
	stop(): Promise<void>;
}>;

/** In a process group of its own, together with the Lambda functions that it starts. */
const spawnMiniStack = (port: number, temporaryFolder: string): ChildProcess =>
	spawn(PYTHON, ["-c", PROGRAM], {
		detached: true,
		stdio: ["ignore", "pipe", "pipe"],
		env: {
			// Lambda functions run on the first `node`: the one that runs this.
			PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
			HOME: temporaryFolder,
			TMPDIR: temporaryFolder,
			BIND_HOST: "127.0.0.1",
			GATEWAY_PORT: String(port),
			LOG_LEVEL: process.env["MINISTACK_LOG_LEVEL"] ?? "WARNING",
		},
	});

const killGroup = ({ pid }: ChildProcess): void => {
	try {
		if (pid !== undefined) process.kill(-pid, "SIGKILL");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
};

/** Starts MiniStack on a free loopback port and waits until it answers. It does not outlive this process. */
export const startMiniStack = async (): Promise<MiniStack> => {
	const port = await freePort();
	const endpoint = `http://127.0.0.1:${port}`;
	const folder = makeTemporaryFolder("ministack");
	const child = spawnMiniStack(port, folder.path);
	const killWithParent = () => killGroup(child);
	process.once("exit", killWithParent);
	let output = "";
	for (const stream of [child.stdout, child.stderr])
		stream?.setEncoding("utf8").on("data", (text: string) => {
			output = (output + text).slice(-OUTPUT_KEPT);
		});
	const stop = async () => {
		process.off("exit", killWithParent);
		const closed = child.exitCode === null && child.signalCode === null ? once(child, "close") : undefined;
		killGroup(child);
		await closed;
		folder.remove();
	};
	const isReady = async () => {
		if (child.exitCode !== null) throw new Error(`MiniStack ended with code ${child.exitCode}:\n${output}`);
		const health = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
		return health?.ok || undefined;
	};
	try {
		await eventually("MiniStack to answer", isReady, START_WITHIN_MS, 50);
	} catch (error) {
		await stop();
		throw error;
	}
	return {
		port,
		endpoint,
		environment: {
			AWS_ENDPOINT_URL: endpoint,
			AWS_ENDPOINT_URL_S3: endpoint,
			AWS_REGION: "us-east-1",
			AWS_ACCESS_KEY_ID: "test",
			AWS_SECRET_ACCESS_KEY: "test",
		},
		output: () => output,
		stop,
	};
};
