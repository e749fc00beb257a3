import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { readStackConfig } from "../../lib/stack-config.ts";
import { TaskQueueStack } from "../../lib/task-queue-stack.ts";
import { readable, resourcesByPath } from "./resources.ts";
import { addStack, synthesize, testApp } from "./synthesis.ts";

/** Names that AWS demands or that are names within the stack only. */
const INNER_NAMES = /^AWS::(IAM::Policy|ApiGatewayV2::(Api|Stage))$/;

const PHYSICAL_NAME =
	/^(Name|(Bucket|Function|Group|Key|LogGroup|ManagedPolicy|Policy|Queue|Role|Rule|Stage|Table|Topic|Alias)Name)$/;

const resources = (template: Template): Record<string, { Type: string; Properties?: object }> =>
	template.toJSON()["Resources"];

describe("two stacks fit in one account:", () => {
	test("no resource has a physical name", () => {
		for (const frontDoor of ["http-api", "function-url"]) {
			const named = Object.values(resources(synthesize({ frontDoor }))).filter(
				({ Type, Properties = {} }) =>
					!INNER_NAMES.test(Type) &&
					Object.entries(Properties).some(
						([name, value]) => PHYSICAL_NAME.test(name) && typeof value === "string",
					),
			);
			expect(named).toStrictEqual([]);
		}
	});

	test("no output is exported under a name", () => {
		const { Outputs } = synthesize().toJSON();
		for (const output of Object.values(Outputs)) expect(output).not.toHaveProperty("Export");
	});

	test("both in one app get along", () => {
		const app = testApp();
		const config = readStackConfig(app.node);
		const [one, two] = ["One", "Two"].map((id) => new TaskQueueStack(app, id, config));

		const counts = [one, two].map(
			(stack) => stack && Object.keys(resources(Template.fromStack(stack))).length,
		);
		expect(counts[0]).toBe(counts[1]);
	});

	test("stage and name make up the name of a stack", () => {
		expect(readStackConfig(testApp({ stage: "prod", name: "Billing" }).node).stackName).toBe("Billing-prod");
	});
});

describe("stages", () => {
	test("default to dev, in a stack that can be destroyed", () => {
		const stack = addStack(testApp());
		expect(stack.stackName).toBe("AsyncQueue-dev");
		expect(stack.terminationProtection).toBe(false);
	});

	test("named prod make a stack that cannot be destroyed by accident", () => {
		const stack = addStack(testApp({ stage: "prod" }));
		expect(stack.stackName).toBe("AsyncQueue-prod");
		expect(stack.terminationProtection).toBe(true);
	});

	test("are tags on everything that has tags", () => {
		const template = synthesize({ stage: "prod" });
		const tagged = Object.values(resourcesByPath(template, "AWS::SQS::Queue"));
		for (const { Properties } of tagged)
			expect(Properties["Tags"]).toStrictEqual([
				{ Key: "service", Value: "asyncqueue" },
				{ Key: "stage", Value: "prod" },
			]);
	});

	test("give production more room than a trial", () => {
		const [dev, prod] = ["dev", "prod"].map((stage) => readStackConfig(testApp({ stage }).node));
		expect(prod?.concurrency).toBeGreaterThan(dev?.concurrency ?? 0);
		expect(prod?.apiRateLimit).toBeGreaterThan(dev?.apiRateLimit ?? 0);
	});
});

describe("context settings", () => {
	test.each([
		[{ stage: "staging" }, "stage: must be dev or prod"],
		[{ frontDoor: "rest" }, "frontDoor: must be http-api or function-url"],
		[{ teamRateLimit: "10/s" }, "teamRateLimit: must look like 600/60: requests / seconds"],
		[{ teamRateLimit: "10/1" }, "teamRateLimit: must allow 100 to 1000000 requests"],
		[{ apiConcurrency: "0" }, "apiConcurrency: must be at least 1"],
		[{ concurrency: "1" }, "concurrency: must be at least 2"],
		[{ concurrency: "many" }, "concurrency: must be a whole number from 2 to 1000"],
		[{ name: "my queue" }, "name: must be 1 to 40 letters, digits or hyphens, a letter first"],
		[{ allowPrivateWebhooks: "yes" }, "allowPrivateWebhooks: must be true or false"],
		[{ stage: "prod", allowPrivateWebhooks: "true" }, "allowPrivateWebhooks: is for emulators and tests"],
		[{ allowCidrs: "10.0.0.0/8,10.1.2.3" }, 'allowCidrs: "10.1.2.3" is not a network'],
		[{ allowCidrs: "" }, 'allowCidrs: "" is not a network'],
		[{ denyPorts: "25,smtp" }, 'denyPorts: "smtp" is not a port'],
		[{ allowCidrs: "10.0.0.0/8", allowPrivateWebhooks: "true" }, "allowCidrs: means nothing while"],
		[{ satge: "prod" }, "satge: unknown; known are stage, name,"],
	])("%j are refused by name", (settings, message) => {
		expect(() => readStackConfig(testApp(settings).node)).toThrow(message);
	});

	test("may name networks and ports as in cdk.json: lists and numbers", () => {
		const settings = { allowCidrs: ["10.0.0.0/8", "fd12:3456::/32"], denyPorts: 25 };
		expect(readStackConfig(testApp(settings).node)).toMatchObject({
			allowCidrs: "10.0.0.0/8,fd12:3456::/32",
			denyPorts: "25",
		});
	});

	test("that are wrong are all named at once", () => {
		expect(() => readStackConfig(testApp({ stage: "x", frontDoor: "y" }).node)).toThrow(
			/stage: .*\n.*frontDoor: /,
		);
	});
});

describe("outputs", () => {
	const template = synthesize({ name: "Billing" });
	const { Outputs } = template.toJSON();

	test("say where the API is and how to make the first key", () => {
		expect(Outputs).toHaveProperty("ApiUrl");
		expect(Outputs.CreateFirstKey.Value).toBe(
			"npm run admin -- keys create --team my-team --name first --stack Billing-dev",
		);
	});

	test("give the operator's command line the environment of the functions", () => {
		const environment = JSON.parse(readable(template, Outputs.Environment.Value) as string);
		const [api] = Object.values(resourcesByPath(template, "AWS::Lambda::Function"));
		expect(environment).toStrictEqual(readable(template, api?.Properties["Environment"].Variables));
	});
});
