import assert from "node:assert/strict";
import { ApiClient } from "../support/api-client.ts";
import { WebhookReceiver } from "../support/webhook-receiver.ts";
import { type EmulatedAccount, type FrontDoor, openAccount } from "./account.ts";
import { clientsOf } from "./clients.ts";
import { Deployment } from "./deployment.ts";
import { inventory } from "./inventory.ts";
import { runProgram } from "./program.ts";
import {
	isReconciled,
	leaveDeadLetter,
	leaveDeadWork,
	limitsTeams,
	type Stage,
	survivesUpgrade,
	waitsAsSchedule,
} from "./stories.ts";

/** The whole must end, whatever hangs. */
const GIVE_UP_AFTER_MS = 15 * 60_000;
const SCENARIOS_WITHIN_MS = 6 * 60_000;
const TEAM = "acme";

const startedAt = performance.now();
let passed = 0;

const clock = (): string => `[${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s]`;

/** Says what is done, and how it ended. A step may end with a sentence of its own. */
const step = async (what: string, action: () => Promise<unknown>): Promise<void> => {
	console.log(`${clock()} ${what} …`);
	const result = await action();
	passed += 1;
	console.log(`${clock()} ✓ ${typeof result === "string" ? result : what}`);
};

/** The suite as it is, against a deployed API. Not too much of it at once: emulators take one request at a time. */
const runScenarios = async (url: string, key: string): Promise<void> => {
	const env = { ASYNCQUEUE_URL: url, ASYNCQUEUE_API_KEY: key };
	const args = ["run", "--project", "scenarios", "--maxWorkers", "2"];
	await runProgram("vitest", args, { env, withinMs: SCENARIOS_WITHIN_MS, isShown: true });
};

const createKey = async (deployment: Deployment): Promise<string> => {
	const { key } = await deployment.admin<{ key: string }>(
		"keys",
		"create",
		"--team",
		TEAM,
		"--name",
		"first",
	);
	return key;
};

const testOtherFrontDoor = async (
	deployment: Deployment,
	frontDoor: FrontDoor,
	key: string,
): Promise<void> => {
	await step(`cdk deploy --context frontDoor=${frontDoor}`, () => deployment.deploy({ frontDoor }));
	await step(`scenarios over ${deployment.url}`, () => runScenarios(deployment.url, key));
};

const tellStories = async (stage: Stage, frontDoor: FrontDoor): Promise<void> => {
	const { deployment } = stage;
	await step("long delay", () => waitsAsSchedule(stage));
	await step("lost message", () => isReconciled(stage));
	const isDrained = await leaveDeadLetter(stage);
	const isWorkedOff = await leaveDeadWork(stage);
	await step("cdk deploy over live tasks", () =>
		survivesUpgrade(stage, async () => {
			await deployment.deploy({ frontDoor, logLevel: "warn", concurrency: "20" });
			assert.equal(deployment.environment["LOG_LEVEL"], "warn");
		}),
	);
	await step("dead letter", isDrained);
	await step("dead letter of a waiting line", isWorkedOff);
};

/** What an inventory of the deployed stack finds, so that finding nothing afterwards means something. */
const DEPLOYED_KINDS = [
	"alarm",
	"dashboard",
	"event source",
	"function",
	"key",
	"queue",
	"rule",
	"schedule group",
	"table",
	"topic",
];

const testDeployment = async (account: EmulatedAccount, deployment: Deployment): Promise<void> => {
	const [frontDoor = "function-url", otherFrontDoor] = account.frontDoors;
	let key = "";
	await step("cdk bootstrap", () => deployment.bootstrap());
	const before = await inventory(account);
	await step(`cdk deploy --context frontDoor=${frontDoor}`, async () => {
		await deployment.deploy({ frontDoor });
		const kinds = new Set((await inventory(account)).map((each) => each.replace(/ \S+$/, "")));
		assert.deepEqual(kinds, new Set(DEPLOYED_KINDS));
	});
	await step("npm run admin -- keys create", async () => {
		key = await createKey(deployment);
	});
	await step(`scenarios over ${deployment.url}`, () => runScenarios(deployment.url, key));
	const receiver = await WebhookReceiver.open();
	const api = new ApiClient(deployment.url, key);
	try {
		await tellStories({ deployment, team: TEAM, api, receiver, clients: clientsOf(account) }, frontDoor);
		await step("cdk deploy --context teamRateLimit=100/60", async () => {
			await deployment.deploy({ frontDoor, teamRateLimit: "100/60" });
			return limitsTeams(api);
		});
	} finally {
		await Promise.all([receiver.close(), api.close()]);
	}
	if (otherFrontDoor) await testOtherFrontDoor(deployment, otherFrontDoor, key);
	await step("cdk destroy", async () => {
		await deployment.destroy({ frontDoor: otherFrontDoor ?? frontDoor });
		assert.deepEqual(await inventory(account), before);
		return "cdk destroy leaves nothing behind";
	});
};

const USAGE = `npm run test:aws
Deploys the stack to an AWS emulator that it installs (Python 3.10 or newer), tests it end to end, and destroys it.
  AWS_ENDPOINT_URL                         an emulator that runs already, such as LocalStack
  ASYNCQUEUE_URL and ASYNCQUEUE_API_KEY    only the scenarios, over a deployment that is there`;

const main = async (): Promise<void> => {
	if (process.argv.length > 2) return console.log(USAGE);
	const { ASYNCQUEUE_URL: url, ASYNCQUEUE_API_KEY: key } = process.env;
	if (url && key) return step(`scenarios over ${url}`, () => runScenarios(url, key));
	const account = await openAccount();
	// Said why already. In CI that was an error.
	if (!account) return;
	console.log(`${clock()} ${account.name}`);
	const deployment = new Deployment(account);
	try {
		await testDeployment(account, deployment);
	} catch (error) {
		console.error(account.output());
		throw error;
	} finally {
		deployment.close();
		await account.close();
	}
};

setTimeout(() => {
	console.error(`Gave up after ${GIVE_UP_AFTER_MS / 60_000} minutes.`);
	process.exit(1);
}, GIVE_UP_AFTER_MS).unref();

// What was started ends with this process, but only if it ends by itself.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

main().then(
	() => console.log(`${clock()} done\n\n${passed} passed, 0 failed`),
	(error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		console.error(`${clock()} given up\n\n${passed} passed, 1 failed`);
		process.exitCode = 1;
	},
);
