import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { readStackConfig } from "../lib/stack-config.ts";
import { TaskQueueStack } from "../lib/task-queue-stack.ts";

const main = (): void => {
	const app = new App();
	const config = readStackConfig(app.node);
	new TaskQueueStack(app, config.stackName, config);
	Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
	app.synth();
};

try {
	main();
} catch (error) {
	console.error((error as Error).message);
	// At once: an App that is left to itself would now write down the half that there is.
	process.exit(1);
}
