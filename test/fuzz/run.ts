import { parseArgs } from "node:util";
import { type CampaignResult, quickCases, runCampaign } from "./campaign.ts";
import { complaints, memoryGrowth } from "./verdict.ts";

const USAGE = `npm run fuzz -- [options]
  --requests N  generated requests (default 200000)
  --seed S      makes the same requests again, but for ids that the server chooses (default: another each time)
  --lanes N     connections at a time (default 8)

Starts a server of its own on loopback, and sends it valid, nearly valid and wild requests to every route, and
${quickCases.length} raw ones that no HTTP client would send, again and again. Fails when anything is answered with 5xx or
with an incomplete problem, when the server ends, or when its memory grows. Takes about ten minutes; Ctrl-C ends it early,
with the figures so far.`;

/** Large bodies leave their traces in memory, so they come often enough to do so from the start. */
const RAW_ROUNDS = 10;

const readOptions = () => {
	const { values } = parseArgs({
		options: {
			requests: { type: "string", default: "200000" },
			seed: { type: "string", default: String(Date.now() % 1_000_000) },
			lanes: { type: "string", default: "8" },
			help: { type: "boolean", short: "h" },
		},
	});
	const [requests = 0, seed = 0, lanes = 0] = [values.requests, values.seed, values.lanes].map(Number);
	const areRight =
		[requests, lanes].every((value) => Number.isInteger(value) && value > 0) && Number.isInteger(seed);
	if (values.help || !areRight) {
		console.error(USAGE);
		process.exit(values.help ? 0 : 2);
	}
	return { requests, seed, lanes };
};

/** One line that is overwritten on a terminal; nothing in a pipe. */
const progress = (text: string): void => {
	if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
};

const ms = ({ p50, p99 }: CampaignResult["accepted"]): string =>
	`p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;

const tenths = (memory: readonly number[]): readonly number[] =>
	memory.filter(
		(_, index) => Math.floor(((index + 1) * 10) / memory.length) > Math.floor((index * 10) / memory.length),
	);

const report = (result: CampaignResult, seconds: number): string => {
	const { requests, statuses, accepted, refused, memory } = result;
	const { warm, end, growth } = memoryGrowth(result);
	const serverErrors = Object.entries(statuses).reduce(
		(sum, [status, count]) => sum + (Number(status) >= 500 ? count : 0),
		0,
	);
	return [
		`${requests} requests in ${seconds.toFixed(0)} s, ${serverErrors} of them answered 5xx`,
		`statuses   ${Object.entries(statuses)
			.map(([status, count]) => `${status}: ${count}`)
			.join(", ")}`,
		`accepted   ${ms(accepted)}`,
		`refused    ${ms(refused)}; p99 ${(refused.p99 / accepted.p99).toFixed(2)} times that of accepted ones`,
		`memory     ${warm.toFixed(0)} MiB warm, ${end.toFixed(0)} MiB at the end (${growth.toFixed(0)} more)`,
		`           ${tenths(memory)
			.map((mib) => mib.toFixed(0))
			.join(" ")} MiB after each tenth`,
	].join("\n");
};

const main = async (): Promise<void> => {
	const { requests, seed, lanes } = readOptions();
	const startedAt = performance.now();
	const interruption = new AbortController();
	process.once("SIGINT", () => interruption.abort());
	// The server ends with this process, but only if that ends by itself.
	for (const signal of ["SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
	console.log(`seed ${seed}`);
	const result = await runCampaign({
		requests,
		seed,
		lanes,
		rawRounds: RAW_ROUNDS,
		withSlowClients: true,
		signal: interruption.signal,
		onProgress: (done, mib) => progress(`${done} of ${requests} requests, ${mib.toFixed(0)} MiB`),
	});
	progress("");
	const wrong = complaints(result);
	console.log([...wrong, report(result, (performance.now() - startedAt) / 1_000)].join("\n\n"));
	console.log(
		wrong.length === 0 ? "\nNothing found." : `\n${wrong.length} found; the same again: --seed ${seed}`,
	);
	process.exitCode = wrong.length === 0 ? 0 : 1;
};

main().catch((error: Error) => {
	progress("");
	console.error(error.message);
	process.exitCode = 1;
});
