import { Validations } from "aws-cdk-lib";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { onlyResource, readable, resourcesByPath } from "./resources.ts";
import { addStack, synthesize, testApp } from "./synthesis.ts";

const template = synthesize();

describe("every queue", () => {
	const queues = Object.entries(resourcesByPath(template, "AWS::SQS::Queue"));

	test("is encrypted", () => {
		expect(queues).toHaveLength(10);
		for (const [, { Properties }] of queues) expect(Properties["SqsManagedSseEnabled"]).toBe(true);
	});

	test("refuses what does not come by TLS", () => {
		const policies = resourcesByPath(template, "AWS::SQS::QueuePolicy");
		for (const [path] of queues) {
			const { Properties } = policies[`${path}/Policy`] ?? {};
			expect(Properties?.["PolicyDocument"].Statement).toMatchObject([
				{ Effect: "Deny", Action: "sqs:*", Principal: { AWS: "*" }, Condition: NOT_TLS },
			]);
			expect(readable(template, Properties?.["Queues"])).toStrictEqual([`<${path}>`]);
		}
	});

	const NOT_TLS = { Bool: { "aws:SecureTransport": "false" } };
});

test("the signing key rotates", () => {
	expect(onlyResource(template, "AWS::KMS::Key").Properties["EnableKeyRotation"]).toBe(true);
});

test("every log is deleted in the end", () => {
	for (const stage of ["dev", "prod"])
		for (const { Properties } of Object.values(resourcesByPath(synthesize({ stage }), "AWS::Logs::LogGroup")))
			expect(Properties["RetentionInDays"]).toBe(stage === "dev" ? 7 : 90);
});

test.each(["http-api", "function-url"])(
	"cdk-nag has nothing to say about the %s front door that is not answered with a reason",
	(frontDoor) => {
		for (const stage of ["dev", "prod"]) {
			const app = testApp({ stage, frontDoor });
			addStack(app);
			Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
			expect(() => app.synth()).not.toThrow();
		}
	},
);

test("cdk-nag would notice", () => {
	const app = testApp();
	const stack = addStack(app);
	new Queue(stack, "Unsafe");
	Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
	expect(() => app.synth()).toThrow(/AwsSolutions-SQS/);
});
