import { Duration } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
	ApplicationLogLevel,
	Architecture,
	Function as LambdaFunction,
	LoggingFormat,
	RecursiveLoop,
	Runtime,
	SystemLogLevel,
	Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { type FunctionName, functionCode } from "./function-bundle.ts";
import { type ServiceResources, serviceEnvironment } from "./service-resources.ts";

type ServiceFunctionProps = Readonly<{
	entry: FunctionName;
	description: string;
	memoryMiB: number;
	timeoutSeconds: number;
	/**
	 * Lambda stops a function that takes part in an SQS loop after about 16 rounds. One that sends retries into the
	 * queue it consumes needs to be allowed; attempts, receives and concurrency are capped by us instead.
	 */
	isInLoop?: boolean;
	/** Invocations at a time that are kept for it, and all that it gets. */
	reservedConcurrency?: number | undefined;
}>;

/** A Lambda function with what all of ours have in common; it may write its log and nothing else until granted more. */
export class ServiceFunction extends LambdaFunction {
	readonly executionRole: Role;

	constructor(scope: Construct, id: string, resources: ServiceResources, props: ServiceFunctionProps) {
		const { logRetentionDays, removalPolicy } = resources.config;
		const logGroup = new LogGroup(scope, `${id}Log`, { retention: logRetentionDays, removalPolicy });
		const role = new Role(scope, `${id}Role`, {
			description: `AsyncQueue: ${props.description}`,
			assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
		});
		super(scope, id, {
			description: `AsyncQueue: ${props.description}`,
			code: functionCode(props.entry),
			handler: "index.handler",
			runtime: Runtime.NODEJS_24_X,
			architecture: Architecture.ARM_64,
			environment: serviceEnvironment(resources),
			memorySize: props.memoryMiB,
			timeout: Duration.seconds(props.timeoutSeconds),
			tracing: Tracing.DISABLED,
			role,
			logGroup,
			loggingFormat: LoggingFormat.JSON,
			systemLogLevelV2: SystemLogLevel.WARN,
			// The functions drop what is below their own level; Lambda reads other field names and must not filter again.
			applicationLogLevelV2: ApplicationLogLevel.TRACE,
			...(props.reservedConcurrency && { reservedConcurrentExecutions: props.reservedConcurrency }),
			...(props.isInLoop && { recursiveLoop: RecursiveLoop.ALLOW }),
		});
		this.executionRole = role;
		logGroup.grantWrite(role);
	}
}
