import type { ConsumedCapacity, DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** Billed units: write request units (per KB) and read request units (per 4 KB, half when eventually consistent). */
export type Capacity = Readonly<{ wru: number; rru: number }>;

const READS = /^(BatchGet|Get|Query|Scan|TransactGet)/;

/** Counts what every call of a client consumes, indexes included, as the service reports it. */
export class CapacityMeter {
	#wru = 0;
	#rru = 0;

	constructor({ middlewareStack }: DynamoDBClient) {
		middlewareStack.add(
			(next, { commandName = "" }) =>
				async (args) => {
					const result = await next({
						...args,
						input: { ...args.input, ReturnConsumedCapacity: "INDEXES" },
					} as typeof args);
					const { ConsumedCapacity: consumed } = result.output as {
						ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
					};
					const units = [consumed ?? []]
						.flat()
						.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
					if (READS.test(commandName)) this.#rru += units;
					else this.#wru += units;
					return result;
				},
			{ name: "capacityMeter", step: "initialize" },
		);
	}

	/** What `work` consumes, if nothing else goes on. */
	async of(work: () => Promise<unknown>): Promise<Capacity> {
		const before = { wru: this.#wru, rru: this.#rru };
		await work();
		return { wru: this.#wru - before.wru, rru: this.#rru - before.rru };
	}
}
