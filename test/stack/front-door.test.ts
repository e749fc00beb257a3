import { describe, expect, test } from "vitest";
import { MAX_WAIT_SECONDS } from "../../lambda/core/task-wait.ts";
import { onlyResource, readable, resourcesByPath } from "./resources.ts";
import { synthesize } from "./synthesis.ts";

const typesOf = (template: ReturnType<typeof synthesize>): string[] =>
	Object.values(template.toJSON()["Resources"] as Record<string, { Type: string }>).map(({ Type }) => Type);

describe("the HTTP API", () => {
	const template = synthesize({ apiRateLimit: "50", apiBurstLimit: 75 });
	const stage = onlyResource(template, "AWS::ApiGatewayV2::Stage").Properties;

	test("hands every path to the function, whose refusals look like all our errors", () => {
		expect(onlyResource(template, "AWS::ApiGatewayV2::Route").Properties["RouteKey"]).toBe("$default");
		const integration = onlyResource(template, "AWS::ApiGatewayV2::Integration").Properties;
		expect(readable(template, integration)).toMatchObject({
			IntegrationType: "AWS_PROXY",
			IntegrationUri: "<Api/Api>",
			PayloadFormatVersion: "2.0",
		});
	});

	test("answers before API Gateway gives up, and after the longest wait for a task", () => {
		const { Timeout } = resourcesByPath(template, "AWS::Lambda::Function")["Api/Api"]?.Properties ?? {};
		expect(Timeout).toBeLessThan(30);
		expect(Timeout).toBeGreaterThanOrEqual(MAX_WAIT_SECONDS + 5);
	});

	test("is throttled as configured", () => {
		expect(stage["DefaultRouteSettings"]).toMatchObject({
			ThrottlingRateLimit: 50,
			ThrottlingBurstLimit: 75,
		});
	});

	test("logs each access as one JSON object with the caller's X-Request-Id, and no key", () => {
		const { Format, DestinationArn } = stage["AccessLogSettings"];
		expect(JSON.parse(Format)).toMatchObject({
			request_id: "$context.requestId",
			status: "$context.status",
		});
		expect(Format.toLowerCase()).not.toMatch(/authorization|api-key/);
		// Somebody may take a key for an id.
		expect(Format).not.toMatch(/context\.(path|protocol|routeKey)|querystring/i);
		expect(readable(template, DestinationArn)).toContain("<Api/AccessLog>");
	});

	test("lets no browser page of another origin in", () => {
		expect(onlyResource(template, "AWS::ApiGatewayV2::Api").Properties).not.toHaveProperty(
			"CorsConfiguration",
		);
	});

	test("is the output ApiUrl", () => {
		expect(readable(template, template.toJSON()["Outputs"].ApiUrl.Value)).toBe("<Api/HttpApi>");
	});
});

describe("the Function URL", () => {
	const template = synthesize({ frontDoor: "function-url" });

	test("replaces API Gateway altogether", () => {
		expect(typesOf(template).filter((type) => type.includes("ApiGateway"))).toStrictEqual([]);
		expect(readable(template, onlyResource(template, "AWS::Lambda::Url").Properties)).toMatchObject({
			AuthType: "NONE",
			TargetFunctionArn: "<Api/Api>",
		});
	});

	test("lets no browser page of another origin in", () => {
		expect(onlyResource(template, "AWS::Lambda::Url").Properties).not.toHaveProperty("Cors");
	});

	test("may be called by anyone: the function asks for an API key", () => {
		const invokers = Object.values(resourcesByPath(template, "AWS::Lambda::Permission"))
			.map(({ Properties }) => readable(template, Properties) as Record<string, unknown>)
			.filter(({ FunctionName }) => FunctionName === "<Api/Api>");
		expect(invokers).toStrictEqual([
			expect.objectContaining({
				Action: "lambda:InvokeFunctionUrl",
				Principal: "*",
				FunctionUrlAuthType: "NONE",
			}),
			expect.objectContaining({
				Action: "lambda:InvokeFunction",
				Principal: "*",
				InvokedViaFunctionUrl: true,
			}),
		]);
	});

	test("is the output ApiUrl, without a slash at its end", () => {
		const { Value } = template.toJSON()["Outputs"].ApiUrl;
		expect(JSON.stringify(Value)).toContain('"Fn::Select":[2,{"Fn::Split":["/"');
	});
});

test("the API takes what concurrency the account has left, unless some is kept for it", () => {
	const reserved = (settings: Record<string, string>): unknown =>
		Object.entries(resourcesByPath(synthesize(settings), "AWS::Lambda::Function")).flatMap(
			([path, { Properties }]) =>
				"ReservedConcurrentExecutions" in Properties
					? [[path, Properties["ReservedConcurrentExecutions"]]]
					: [],
		);
	expect(reserved({ frontDoor: "function-url" })).toStrictEqual([]);
	expect(reserved({ frontDoor: "function-url", apiConcurrency: "50" })).toStrictEqual([["Api/Api", 50]]);
});

test("there is one front door at a time", () => {
	expect(typesOf(synthesize()).filter((type) => type === "AWS::Lambda::Url")).toStrictEqual([]);
});
