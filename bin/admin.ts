import { readInvocation, USAGE, UsageError } from "../admin/command.ts";
import { readDeployment } from "../admin/deployment.ts";
import { runCommand } from "../admin/run-command.ts";
import { awsPorts } from "../lambda/adapters/aws/aws-ports.ts";
import { readAwsConfig } from "../lambda/adapters/aws/config.ts";
import { pinoLog } from "../lambda/adapters/pino-log.ts";

const main = async (): Promise<void> => {
	const invocation = readInvocation(process.argv.slice(2));
	if (!invocation) return console.log(USAGE);
	const { environment, region } = readDeployment(invocation.outputsFile, invocation.stack);
	// Whatever Region the operator's profile prefers, this deployment lives in its own.
	process.env["AWS_REGION"] = region;
	const ports = { ...awsPorts(readAwsConfig(environment)), log: pinoLog("error", process.stderr) };
	console.log(JSON.stringify(await runCommand(ports, invocation.command), undefined, 2));
};

/** An error's sentence and those of its causes: AWS's own words are what an operator needs. */
const explain = (error: unknown): string => {
	const { message, cause } = error as Error;
	return cause instanceof Error && cause.message !== message ? `${message}\n  ${explain(cause)}` : message;
};

main().catch((error: unknown) => {
	console.error(explain(error));
	if (error instanceof UsageError) console.error("See: npm run admin -- --help");
	process.exitCode = 1;
});
