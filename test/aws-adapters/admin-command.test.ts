import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readInvocation, USAGE, UsageError } from "../../admin/command.ts";
import { readDeployment } from "../../admin/deployment.ts";
import { makeTemporaryFolder } from "../support/temporary-folder.ts";

const read = (line: string) => readInvocation(line.split(" ").filter(Boolean));

describe("the operator's command line", () => {
	it.each([
		["keys create --team acme --name ci", "keys create", { team: "acme", name: "ci", mode: "live" }],
		[
			"keys create --mode test --team acme --name ci",
			"keys create",
			{ team: "acme", name: "ci", mode: "test" },
		],
		["keys list --team acme", "keys list", { team: "acme" }],
		["keys revoke --team acme --id key_1", "keys revoke", { team: "acme", id: "key_1" }],
		["data-key list", "data-key list", {}],
		["data-key rotate", "data-key rotate", {}],
		["data-key retire", "data-key retire", {}],
		["reconcile", "reconcile", {}],
	])("reads: %s", (line, name, options) => {
		expect(read(line)).toEqual({
			command: { name, options },
			stack: "AsyncQueue-dev",
			outputsFile: "cdk-outputs.json",
		});
	});

	it("says which deployment, and where its outputs are", () => {
		expect(read("reconcile --stack AsyncQueue-prod --outputs out.json")).toMatchObject({
			stack: "AsyncQueue-prod",
			outputsFile: "out.json",
		});
	});

	it.each([
		["", "Which command?"],
		["keys", 'There is no command "keys"'],
		["keys delete", 'There is no command "keys delete"'],
		["toString", 'There is no command "toString"'],
		["keys create --name ci", "--team is required"],
		["keys create --team acme", "--name is required"],
		["keys create --team a/b --name ci", "--team must be 1-64 letters"],
		["keys create --team acme --name ci --mode dead", "--mode "],
		["keys revoke --team acme", "--id is required"],
		["keys list --team acme --id key_1", "--id does not belong to this command"],
		["data-key", 'There is no command "data-key"'],
		["data-key rotate --team acme", "--team does not belong to this command"],
		["reconcile --team acme", "--team does not belong to this command"],
		["reconcile --force", "--force"],
	])("refuses: %s", (line, message) => {
		expect(() => read(line)).toThrow(UsageError);
		expect(() => read(line)).toThrow(message);
	});

	it("names every mistake at once", () => {
		expect(() => read("keys create --mode dead")).toThrow(/--team.*--name.*--mode/);
	});

	it("shows help instead when asked to", () => {
		expect(read("keys create --help")).toBeUndefined();
		expect(USAGE).toContain("keys create --team <team> --name <name>");
	});
});

describe("finding a deployment", () => {
	const folder = makeTemporaryFolder("admin");
	afterAll(folder.remove);

	const file = (content: unknown): string => {
		const path = join(folder.path, "outputs.json");
		writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
		return path;
	};
	const environment = { TABLE_NAME: "table", SCHEDULER_DLQ_ARN: "arn:aws:sqs:eu-west-1:123456789012:dlq" };

	it("reads the environment of its functions and its Region", () => {
		const outputs = { "AsyncQueue-dev": { ApiUrl: "https://x", Environment: JSON.stringify(environment) } };
		expect(readDeployment(file(outputs), "AsyncQueue-dev")).toEqual({ environment, region: "eu-west-1" });
	});

	it.each([
		["no JSON", "no JSON", "does not hold outputs of the CDK"],
		["other JSON", [1], "does not hold outputs of the CDK"],
		["another stack", { "AsyncQueue-prod": {} }, "knows AsyncQueue-prod, not AsyncQueue-dev"],
		["no environment", { "AsyncQueue-dev": {} }, "has no output Environment"],
		["no Region", { "AsyncQueue-dev": { Environment: "{}" } }, "no SCHEDULER_DLQ_ARN"],
	])("says what to do about a file with %s", (_, content, message) => {
		expect(() => readDeployment(file(content), "AsyncQueue-dev")).toThrow(message);
	});

	it("says how to make a file that is not there", () => {
		expect(() => readDeployment("nowhere.json", "AsyncQueue-dev")).toThrow(
			"There is no file nowhere.json; write it with: npx cdk deploy --outputs-file nowhere.json",
		);
	});
});
