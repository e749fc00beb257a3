import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { readStackConfig } from "../../lib/stack-config.ts";
import { TaskQueueStack } from "../../lib/task-queue-stack.ts";

type Context = Readonly<Record<string, unknown>>;

const cdkJson: { context: Context } = JSON.parse(
	readFileSync(new URL("../../cdk.json", import.meta.url), "utf8"),
);

/** An app as the CLI starts it with `-c` settings, but without bundling, which takes longer than all the rest. */
export const testApp = (settings: Context = {}): App =>
	new App({
		context: {
			...cdkJson.context,
			"aws:cdk:bundling-stacks": [],
			"aws:cdk:enable-path-metadata": true,
			...settings,
		},
	});

export const addStack = (app: App): TaskQueueStack => {
	const config = readStackConfig(app.node);
	return new TaskQueueStack(app, config.stackName, config);
};

/** The template that `cdk deploy` would send with these settings. */
export const synthesize = (settings?: Context): Template => Template.fromStack(addStack(testApp(settings)));
