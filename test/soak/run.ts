import { parseArgs } from "node:util";
import { report } from "./report.ts";
import { type Reporter, type SoakOptions, soak } from "./soak.ts";

const USAGE = `npm run soak -- [options]
  --minutes N   how long faults strike (default 10; below 1: three faults under little load)
  --seed N      repeats the same tasks and faults (default: a new one)
  --calm        no faults: one long life, to see what its memory does
  --rate N      tasks a second (default: 70 % of what the server reaches here)

Puts a mix of tasks on a server and lets it be killed, stopped, its disk fill up and become read-only, and its clock
step; then waits until everything is finished and compares what was accepted with what was delivered. Needs util-linux
(unshare, nsenter, prlimit) for the faults of the disk; without, it says what it leaves out. Exits with 1 on violations.`;

const readOptions = (): SoakOptions => {
	const { values } = parseArgs({
		options: {
			minutes: { type: "string", default: "10" },
			seed: { type: "string" },
			rate: { type: "string" },
			calm: { type: "boolean", default: false },
			help: { type: "boolean", short: "h" },
		},
	});
	const minutes = Number(values.minutes);
	const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
	const rate = values.rate === undefined ? undefined : Number(values.rate);
	const isValid = minutes > 0 && Number.isInteger(seed) && (rate === undefined || rate > 0);
	if (values.help || !isValid) {
		console.error(USAGE);
		process.exit(values.help ? 0 : 2);
	}
	return { minutes, seed, rate, isCalm: values.calm };
};

/** A line for each event, and on a terminal one more that is overwritten each second. */
const reporter = (): Reporter => {
	const { isTTY } = process.stdout;
	const clear = isTTY ? "\r\x1b[K" : "";
	return {
		event: (text) => console.log(`${clear}${text}`),
		status: (text) => isTTY && process.stdout.write(`${clear}${text}`),
	};
};

const main = async (): Promise<void> => {
	const options = readOptions();
	const { event } = reporter();
	event(`soak of ${options.minutes} minutes, seed ${options.seed}`);
	const result = await soak(options, reporter());
	event(`\n${report(result)}`);
	if (result.ledger.violations.length > 0) process.exitCode = 1;
};

// Exiting ends the server, its disk and its folder, whatever the reason.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

main().catch((error: unknown) => {
	console.error(error);
	process.exit(1);
});
