import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeTemporaryFolder } from "../support/temporary-folder.ts";
import { ACCOUNT_ID, type EmulatedAccount, type FrontDoor, REGION } from "./account.ts";
import { runProgram } from "./program.ts";

const BOOTSTRAP_WITHIN_MS = 90_000;
const DEPLOY_WITHIN_MS = 150_000;
const ADMIN_WITHIN_MS = 60_000;

/** The webhooks of the tests are on this machine. */
const FOR_TESTS = { allowPrivateWebhooks: "true" };

type Settings = Readonly<{
	frontDoor: FrontDoor;
	logLevel?: string;
	concurrency?: string;
	teamRateLimit?: string;
}>;

const contextArgs = (settings: object): string[] =>
	Object.entries(settings).flatMap(([name, value]) => ["--context", `${name}=${value}`]);

/** One stack in an emulated account, handled with the programs that an operator uses. */
export class Deployment {
	readonly stack = "AsyncQueue-dev";
	readonly #account: EmulatedAccount;
	readonly #folder = makeTemporaryFolder("deployment");

	constructor(account: EmulatedAccount) {
		this.#account = account;
	}

	get #outputsFile(): string {
		return join(this.#folder.path, "outputs.json");
	}

	get #outputs(): Record<string, string> {
		return JSON.parse(readFileSync(this.#outputsFile, "utf8"))[this.stack];
	}

	/** Where the API answers this machine. */
	get url(): string {
		return this.#account.reachable(this.#outputs["ApiUrl"] ?? "");
	}

	/** What the functions are told. */
	get environment(): Record<string, string> {
		return JSON.parse(this.#outputs["Environment"] ?? "{}");
	}

	async bootstrap(): Promise<void> {
		// Away from cdk.json: bootstrapping a named account needs no app, and would wait for it.
		await this.#cdk(["bootstrap", `aws://${ACCOUNT_ID}/${REGION}`], BOOTSTRAP_WITHIN_MS, this.#folder.path);
	}

	async deploy(settings: Settings): Promise<void> {
		const args = ["deploy", "--require-approval", "never", "--outputs-file", this.#outputsFile];
		await this.#cdk([...args, ...this.#assembly({ ...FOR_TESTS, ...settings })], DEPLOY_WITHIN_MS);
	}

	async destroy(settings: Settings): Promise<void> {
		const args = ["destroy", "--force", ...this.#assembly({ ...FOR_TESTS, ...settings })];
		await this.#cdk(args, DEPLOY_WITHIN_MS);
	}

	/** `npm run admin -- …`; returns what it printed, which is JSON. */
	async admin<Answer>(...args: string[]): Promise<Answer> {
		const script = ["bin/admin.ts", ...args, "--stack", this.stack, "--outputs", this.#outputsFile];
		const { environment: env } = this.#account;
		return JSON.parse(await runProgram("node", script, { env, withinMs: ADMIN_WITHIN_MS }));
	}

	close(): void {
		this.#folder.remove();
	}

	#assembly(settings: object): string[] {
		return ["--output", join(this.#folder.path, "cdk.out"), ...contextArgs(settings)];
	}

	async #cdk(args: readonly string[], withinMs: number, cwd?: string): Promise<void> {
		const env = { ...this.#account.environment, CDK_DISABLE_VERSION_CHECK: "1", CDK_DOCKER: "no-docker" };
		await runProgram("cdk", [...args, "--no-notices"], { env, withinMs, ...(cwd && { cwd }) });
	}
}
