import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DescribeKeyCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { ListScheduleGroupsCommand, ListSchedulesCommand } from "@aws-sdk/client-scheduler";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { type EmulatedAccount, REGION } from "./account.ts";
import { type Clients, clientsOf } from "./clients.ts";

const names = (kind: string, found: readonly (string | undefined)[] = []): string[] =>
	found.map((name) => `${kind} ${name}`);

/** KMS keys are not deleted but scheduled for it. */
const livingKeys = async ({ kms }: Clients): Promise<string[]> => {
	const { Keys = [] } = await kms.send(new ListKeysCommand({}));
	const described = await Promise.all(
		Keys.map(({ KeyId = "" }) => kms.send(new DescribeKeyCommand({ KeyId }))),
	);
	return described.flatMap(({ KeyMetadata }) =>
		KeyMetadata?.KeyState === "Enabled" ? [KeyMetadata.KeyId ?? ""] : [],
	);
};

/** Asks what we have no SDK client for. Emulators look at the service that a signature names, not at the signature. */
const ask = async (
	{ endpoint }: EmulatedAccount,
	service: string,
	path: string,
	{ headers, ...rest }: Omit<RequestInit, "headers"> & { headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> => {
	const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
	const response = await fetch(`${endpoint}${path}`, { ...rest, headers: { ...headers, authorization } });
	if (!response.ok) throw new Error(`${service} ${path}: ${response.status} ${await response.text()}`);
	return response;
};

const read = async (account: EmulatedAccount, service: string, path: string): Promise<unknown> =>
	(await ask(account, service, path)).json();

/** The texts of an element in the answer of a service that speaks XML. */
const readTexts = async (
	account: EmulatedAccount,
	service: string,
	query: Readonly<Record<string, string>>,
	element: string,
): Promise<string[]> => {
	const answer = await ask(account, service, `/?${new URLSearchParams(query)}`);
	const texts = (await answer.text()).matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"));
	return [...texts].map(([, text = ""]) => text);
};

const ruleNames = async (account: EmulatedAccount): Promise<string[]> => {
	const headers = { "x-amz-target": "AWSEvents.ListRules", "content-type": "application/x-amz-json-1.1" };
	const answer = await ask(account, "events", "/", { method: "POST", headers, body: "{}" });
	const { Rules } = (await answer.json()) as { Rules: { Name: string }[] };
	return Rules.map(({ Name }) => Name);
};

const MONITORING = { Version: "2010-08-01" };
const alarmNames = (account: EmulatedAccount): Promise<string[]> =>
	readTexts(
		account,
		"monitoring",
		{ ...MONITORING, Action: "DescribeAlarms", MaxRecords: "100" },
		"AlarmName",
	);
const dashboardNames = (account: EmulatedAccount): Promise<string[]> =>
	readTexts(account, "monitoring", { ...MONITORING, Action: "ListDashboards" }, "DashboardName");
const topicArns = (account: EmulatedAccount): Promise<string[]> =>
	readTexts(account, "sns", { Version: "2010-03-31", Action: "ListTopics" }, "TopicArn");

const functionNames = async (account: EmulatedAccount): Promise<string[]> => {
	const { Functions } = (await read(account, "lambda", "/2015-03-31/functions/")) as {
		Functions: { FunctionName: string }[];
	};
	return Functions.map(({ FunctionName }) => FunctionName);
};

const eventSources = async (account: EmulatedAccount): Promise<string[]> => {
	const path = "/2015-03-31/event-source-mappings/";
	const { EventSourceMappings } = (await read(account, "lambda", path)) as {
		EventSourceMappings: { EventSourceArn: string }[];
	};
	return EventSourceMappings.map(({ EventSourceArn }) => EventSourceArn);
};

/** Everything in an account that holds data, costs money or does something by itself. */
export const inventory = async (account: EmulatedAccount): Promise<string[]> => {
	const clients = clientsOf(account);
	const { dynamodb, scheduler, sqs } = clients;
	const [tables, queues, groups, schedules, keys, functions, sources, rules, alarms, dashboards, topics] =
		await Promise.all([
			dynamodb.send(new ListTablesCommand({})),
			sqs.send(new ListQueuesCommand({})),
			scheduler.send(new ListScheduleGroupsCommand({})),
			scheduler.send(new ListSchedulesCommand({})),
			livingKeys(clients),
			functionNames(account),
			eventSources(account),
			ruleNames(account),
			alarmNames(account),
			dashboardNames(account),
			topicArns(account),
		]);
	return [
		...names("table", tables.TableNames),
		...names("queue", queues.QueueUrls),
		...names(
			"schedule group",
			groups.ScheduleGroups?.map(({ Name }) => Name),
		),
		...names(
			"schedule",
			schedules.Schedules?.map(({ Name }) => Name),
		),
		...names("key", keys),
		...names("function", functions),
		...names("event source", sources),
		...names("rule", rules),
		...names("alarm", alarms),
		...names("dashboard", dashboards),
		...names("topic", topics),
	].toSorted();
};
