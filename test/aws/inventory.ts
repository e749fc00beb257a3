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
const read = async ({ endpoint }: EmulatedAccount, service: string, path: string): Promise<unknown> => {
	const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
	const response = await fetch(`${endpoint}${path}`, { headers: { authorization } });
	return response.json();
};

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
	const [tables, queues, groups, schedules, keys, functions, sources] = await Promise.all([
		dynamodb.send(new ListTablesCommand({})),
		sqs.send(new ListQueuesCommand({})),
		scheduler.send(new ListScheduleGroupsCommand({})),
		scheduler.send(new ListSchedulesCommand({})),
		livingKeys(clients),
		functionNames(account),
		eventSources(account),
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
	].toSorted();
};
