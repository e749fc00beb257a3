import type { Ports } from "../../ports.ts";
import { awsPorts } from "./aws-ports.ts";
import { type AwsClients, awsClients } from "./clients.ts";
import type { AwsConfig } from "./config.ts";
import { DynamoBudgetSheets } from "./dynamo-budget-sheets.ts";
import { SharedRequestBudget } from "./shared-request-budget.ts";

/** The AWS world of the API, which counts what each team asks if that is limited. */
export const limitingAwsPorts = (config: AwsConfig, clients: AwsClients = awsClients()): Ports => {
	const ports = awsPorts(config, { clients });
	const { teamRateLimit: limit, tableName } = config;
	if (!limit) return ports;
	const { clock, timer, log } = ports;
	const sheets = new DynamoBudgetSheets({ client: clients.dynamodb, tableName }, limit);
	return { ...ports, requestBudget: new SharedRequestBudget({ limit, sheets, clock, timer, log }) };
};
