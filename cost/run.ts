import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { hasDynamoDbLocal, startDynamoDbLocal } from "../test/support/dynamodb-local.ts";
import { ASSUMED_MS, functionMemory } from "./assumptions.ts";
import { judgeBars, type Usages } from "./bars.ts";
import { CASE_NAMES, type CaseName, costCases } from "./cases.ts";
import { listPrices } from "./list-prices.ts";
import { type CaseFigures, measureCase, type Stage } from "./measure-case.ts";
import { priceOf } from "./price-of.ts";
import { PRICES_READ_ON, PRICES_REGION, prices } from "./prices.ts";
import { formatReport } from "./report.ts";
import { startWebhooks } from "./webhook-process.ts";

const USAGE = `npm run cost -- [options]
  --tasks N     tasks of each kind, a multiple of 10 (default 200)
  --json FILE   write every figure to FILE as well

Sends tasks through the handlers and the AWS adapters, on DynamoDB Local (Java 17) and stand-ins for the other services,
counts everything that AWS bills and prices it. Needs no AWS account and takes about three minutes.`;

const FULL_BATCH = 10;

/** Uncounted: a function that has been busy for a while runs optimized code, on half the processor time. */
const WARM_UP_TASKS = 600;

type Options = Readonly<{ tasks: number; json: string | undefined }>;

const readOptions = (): Options => {
	const { values } = parseArgs({
		options: {
			tasks: { type: "string", default: "200" },
			json: { type: "string" },
			help: { type: "boolean", short: "h" },
		},
	});
	const tasks = Number(values.tasks);
	if (values.help || !Number.isInteger(tasks) || tasks < FULL_BATCH || tasks % FULL_BATCH !== 0) {
		console.error(USAGE);
		process.exit(values.help ? 0 : 2);
	}
	return { tasks, json: values.json };
};

/** One line that is overwritten on a terminal; nothing in a pipe. */
const progress = (text: string): void => {
	if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
};

type Figures = Readonly<Record<CaseName, CaseFigures>>;

const measureAll = async (stage: Stage): Promise<Figures> => {
	progress("warming up …");
	await measureCase({ ...stage, tasks: WARM_UP_TASKS }, costCases.batch);
	const figures: Partial<Record<CaseName, CaseFigures>> = {};
	for (const [index, name] of CASE_NAMES.entries()) {
		progress(`${index + 1} of ${CASE_NAMES.length}: ${stage.tasks} × ${costCases[name].label} …`);
		figures[name] = await measureCase(stage, costCases[name]);
	}
	progress("");
	return figures as Figures;
};

const usagesOf = (figures: Figures): Usages =>
	Object.fromEntries(CASE_NAMES.map((name) => [name, figures[name].perTask])) as Usages;

const formatAssumptions = (tasks: number): string => {
	const { api, deliver, work } = functionMemory();
	const { dynamoDb, sqs, scheduler, webhook } = ASSUMED_MS;
	return [
		`${tasks} tasks of each kind; ${PRICES_REGION} prices of ${PRICES_READ_ON}, no free tier, no discounts.`,
		`Counted: every call of the SDK, and the capacity that DynamoDB Local reports. Functions: ${api}, ${deliver}, ${work} MiB.`,
		`Assumed: batches of ${FULL_BATCH} messages, received and deleted with one call each, work alone; answers after at least`,
		`${dynamoDb} ms (DynamoDB), ${sqs} ms (SQS), ${scheduler} ms (Scheduler), ${webhook} ms (webhook); processors as fast as this one.`,
		"Logs at level info, without metrics by queue. Not included: data transfer, storage, backups, idle polling, the KMS key's month, cold starts.",
	].join("\n");
};

const writeJson = (file: string, tasks: number, figures: Figures): void => {
	const usages = usagesOf(figures);
	const cases = CASE_NAMES.map((name) => ({
		name,
		...costCases[name],
		...figures[name],
		usdPerMillion: priceOf(figures[name].perTask),
	}));
	const assumed = { latencyMs: ASSUMED_MS, batch: FULL_BATCH, memoryMiB: functionMemory() };
	const priceTable = { readOn: PRICES_READ_ON, region: PRICES_REGION, prices };
	const report = { tasks, assumed, cases, bars: judgeBars(usages), priceTable, listPrices };
	writeFileSync(file, `${JSON.stringify(report, null, "\t")}\n`);
};

const main = async (): Promise<void> => {
	const { tasks, json } = readOptions();
	if (!hasDynamoDbLocal()) {
		console.error("npm run cost counts capacity on it, and cannot do without.");
		process.exitCode = 1;
		return;
	}
	progress("starting DynamoDB Local …");
	const dynamoDb = await startDynamoDbLocal();
	const webhooks = await startWebhooks();
	try {
		const stage = { dynamoDb, webhookOrigin: webhooks.origin, memory: functionMemory(), tasks };
		const figures = await measureAll(stage);
		console.log(`${formatAssumptions(tasks)}\n\n${formatReport(usagesOf(figures))}`);
		if (json) writeJson(json, tasks, figures);
	} finally {
		await webhooks.stop();
		await dynamoDb.stop();
	}
};

main().catch((error: Error) => {
	progress("");
	console.error(error.message);
	process.exitCode = 1;
});
