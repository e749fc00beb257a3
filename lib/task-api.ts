import { Fn, Validations } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import { HttpApi, HttpStage, LogGroupLogDestination } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { ACCESS_LOG } from "./access-log.ts";
import { ServiceFunction } from "./service-function.ts";
import type { ServiceResources } from "./service-resources.ts";
import type { StackConfig } from "./stack-config.ts";

/** The API function behind its front door: an HTTP API, or nothing but the function's own URL. */
export class TaskApi extends Construct {
	readonly url: string;
	readonly function: ServiceFunction;

	constructor(scope: Construct, id: string, resources: ServiceResources) {
		super(scope, id);
		const { config, storage, signingKey, lanes, work, schedule } = resources;
		const api = new ServiceFunction(this, "Api", resources, {
			entry: "api",
			description: "answers the HTTP API",
			memoryMiB: 512,
			// Longer than anybody may wait for a task to change, shorter than an HTTP API waits for its function.
			timeoutSeconds: 28,
			reservedConcurrency: config.apiConcurrency,
		});
		this.function = api;
		storage.grant(api, "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem");
		storage.grantQueryFailed(api);
		lanes.grantSend(api);
		work.grantSend(api);
		schedule.grant(api, "CreateSchedule", "DeleteSchedule");
		signingKey.grant(api, "Decrypt", "GenerateDataKey");
		this.url = config.frontDoor === "http-api" ? this.#httpApi(api, config) : this.#functionUrl(api);
	}

	/** One catch-all route: the function knows the routes, and its 404 and 405 look like all our errors. */
	#httpApi(api: ServiceFunction, config: StackConfig): string {
		const httpApi = new HttpApi(this, "HttpApi", {
			description: "AsyncQueue",
			createDefaultStage: false,
			defaultIntegration: new HttpLambdaIntegration("Function", api),
		});
		Validations.of(httpApi).acknowledge({
			id: "AwsSolutions-APIG4",
			reason:
				"The function itself checks the API key of every request but GET /health, /openapi.json and /docs.",
		});
		const accessLog = new LogGroup(this, "AccessLog", {
			retention: config.logRetentionDays,
			removalPolicy: config.removalPolicy,
		});
		new HttpStage(this, "Stage", {
			httpApi,
			stageName: "$default",
			autoDeploy: true,
			throttle: { rateLimit: config.apiRateLimit, burstLimit: config.apiBurstLimit },
			accessLogSettings: {
				destination: new LogGroupLogDestination(accessLog),
				format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
			},
		});
		return httpApi.apiEndpoint;
	}

	/** Open to all as far as IAM goes: every request must carry an API key, which the function checks. */
	#functionUrl(api: ServiceFunction): string {
		const { url } = api.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
		const parts = Fn.split("/", url);
		return Fn.join("//", [Fn.select(0, parts), Fn.select(2, parts)]);
	}
}
