import { ConditionalCheckFailedException, DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DynamoBudgetSheets } from "../../lambda/adapters/aws/dynamo-budget-sheets.ts";
import { toAttributes } from "../../lambda/adapters/aws/item-values.ts";
import { SharedRequestBudget } from "../../lambda/adapters/aws/shared-request-budget.ts";
import { pinoLog } from "../../lambda/adapters/pino-log.ts";
import type { Reservation, ReservationAnswer } from "../../lambda/core/budget-share.ts";
import { sheetIn } from "../../lambda/core/request-budget.ts";
import { VirtualClock } from "../../local/virtual-clock.ts";
import { CapacityMeter } from "../support/capacity-meter.ts";
import {
	type DynamoDbLocal,
	hasDynamoDbLocal,
	patient,
	startDynamoDbLocal,
	type TestTable,
} from "../support/dynamodb-local.ts";
import { NOON, uniqueTeam } from "../support/unique-tasks.ts";

vi.setConfig(patient);

/** 600 requests a minute: slots of 3 s. */
const LIMIT = { requests: 600, seconds: 60 };
const SLOT = NOON / 3_000;

/** Counts its writes: DynamoDB reports, though it bills, nothing for those whose condition fails. */
class CountedSheets extends DynamoBudgetSheets {
	static writes = 0;

	override reserve(teamId: string, reservation: Reservation): Promise<ReservationAnswer> {
		CountedSheets.writes += 1;
		return super.reserve(teamId, reservation);
	}
}

describe.skipIf(!hasDynamoDbLocal())("what a limit costs on DynamoDB", () => {
	let dynamoDb: DynamoDbLocal;
	let table: TestTable;
	let meter: CapacityMeter;

	beforeAll(async () => {
		dynamoDb = await startDynamoDbLocal();
		table = await dynamoDb.createTable();
		meter = new CapacityMeter(table.client);
	});
	afterAll(() => dynamoDb?.stop());

	const processesOf = (count: number, clock: VirtualClock) =>
		Array.from({ length: count }, () => {
			const sheets = new CountedSheets(table, LIMIT);
			return new SharedRequestBudget({
				limit: LIMIT,
				sheets,
				clock,
				timer: clock,
				log: pinoLog("silent"),
			});
		});

	/** How often `work` writes; each time one unit, as the item stays below 1 KB. */
	const writesOf = async (work: () => Promise<unknown>): Promise<number> => {
		const before = CountedSheets.writes;
		const { wru, rru } = await meter.of(work);
		const writes = CountedSheets.writes - before;
		expect(wru).toBeLessThanOrEqual(writes);
		expect(rru).toBe(0);
		return writes;
	};

	/** Writes for requests of one team at a steady pace, one process after the other. */
	const steady = (processes: number, requests: number, everyMs: number): Promise<number> => {
		const clock = new VirtualClock(NOON);
		const budgets = processesOf(processes, clock);
		const team = uniqueTeam();
		return writesOf(async () => {
			for (let n = 0; n < requests; n += 1) {
				await budgets[n % processes]?.take(team, 1);
				clock.advanceBy(everyMs);
			}
		});
	};

	it.each([
		["5 requests a second in one process", 1, 600, 200, 0.1],
		["9 requests a second in one process", 1, 1_080, 111, 0.1],
		["9 requests a second in three processes", 3, 1_080, 111, 0.3],
		["1 request in 5 seconds", 1, 100, 5_000, 1],
	])("%s: a fraction of a write each, one at most", async (name, processes, requests, everyMs, most) => {
		const writes = await steady(processes, requests, everyMs);
		console.info(`${name}: ${(writes / requests).toFixed(3)} writes a request`);
		expect(writes / requests).toBeLessThanOrEqual(most);
	});

	it("a crowd of new processes: three writes each at most, whether let through or refused", async () => {
		const clock = new VirtualClock(NOON);
		const team = uniqueTeam();
		const answers: boolean[] = [];
		const writes = await writesOf(() =>
			Promise.all(
				processesOf(700, clock).map(async (budget) => {
					answers.push((await budget.take(team, 1)).admitted);
				}),
			),
		);
		console.info(`700 processes at once: ${(writes / 700).toFixed(2)} writes a request`);
		expect(answers.filter(Boolean)).toHaveLength(LIMIT.requests);
		expect(writes).toBeLessThanOrEqual(700 * 3);
	});

	it("and nothing for a team that goes on above it", async () => {
		const clock = new VirtualClock(NOON);
		const [budget] = processesOf(1, clock);
		const team = uniqueTeam();
		for (let n = 0; n < 6; n += 1) await budget?.take(team, 100);
		const writes = await writesOf(async () => {
			for (let n = 0; n < 1_000; n += 1) await budget?.take(team, 1);
		});
		expect(writes).toBe(0);
	});
});

describe("a reservation whose answer was lost", () => {
	const client = new DynamoDBClient({ region: "us-east-1" });
	const mock = mockClient(client);
	const sheets = new DynamoBudgetSheets({ client, tableName: "tasks" }, LIMIT);
	const opened = sheetIn(undefined, LIMIT, SLOT);

	/** The second sending fails on what the table holds, which `itemOf` makes of the request. */
	const reserveAgain = (itemOf: (id: unknown) => Record<string, unknown>, seen = opened) => {
		mock.reset();
		mock.on(UpdateItemCommand).callsFake(({ ExpressionAttributeValues: values }) => {
			throw Object.assign(
				new ConditionalCheckFailedException({
					message: "",
					$metadata: { attempts: 2 },
					Item: toAttributes(itemOf(values[":new_reservation"].S) as never),
				}),
			);
		});
		return sheets.reserve("team", { seen, next: { ...opened, left: 590 }, units: 10 });
	};

	it("was made if it is the last that the sheet knows of", async () => {
		const { done } = await reserveAgain((reservation) => ({ ...opened, left: 5, reservation }));
		expect(done).toBe(true);
	});

	it("was not, as far as anybody can tell, if another came after it", async () => {
		const { done, sheet } = await reserveAgain(() => ({ ...opened, left: 5, reservation: "another" }));
		expect(done).toBe(false);
		expect(sheet).toEqual({ ...opened, left: 5 });
	});
});
