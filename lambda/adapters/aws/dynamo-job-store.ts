import * as z from "zod";
import { JOB_KEPT_MS, type Job, JobFilter, type JobKey, JobKind } from "../../core/job.ts";
import type { JobStore } from "../../ports.ts";
import { DynamoItems, type TableAccess } from "./dynamo-items.ts";
import type { Item } from "./item-values.ts";
import { recordCodec } from "./record-codec.ts";
import { epochSeconds } from "./retention.ts";
import { jobItemKey } from "./table-keys.ts";

/** Team, queue and id are in the key. */
const codec = recordCodec(
	z.object({
		kind: JobKind,
		status: z.enum(["running", "finished"]),
		total: z.int().nullable(),
		changed: z.int(),
		batch: z.array(z.string()),
		cursor: z.string().optional(),
		version: z.int(),
		createdAt: z.int(),
		updatedAt: z.int(),
		finishedAt: z.int().optional(),
	}),
);

const filterCodec = recordCodec(JobFilter);

const keyOf = ({ teamId, queue, id }: Job) => jobItemKey({ teamId, name: queue }, id);

const toItem = (job: Job, version: number): Item => ({
	...codec.toItem({ ...job, batch: [...job.batch], version }),
	filter: filterCodec.toItem(job.filter),
	expires_at: job.finishedAt === undefined ? undefined : epochSeconds(job.finishedAt + JOB_KEPT_MS),
});

/** Bulk jobs in DynamoDB, an item each. */
export class DynamoJobStore implements JobStore {
	readonly #items: DynamoItems;

	constructor(table: TableAccess) {
		this.#items = new DynamoItems(table);
	}

	async create(job: Job): Promise<void> {
		await this.#items.putUnlessTaken({ ...toItem(job, job.version), ...keyOf(job) });
	}

	async get({ queue, jobId }: JobKey): Promise<Job | undefined> {
		const item = await this.#items.get(jobItemKey(queue, jobId));
		if (!item) return undefined;
		const filter = filterCodec.fromItem(item["filter"] as Item);
		return { ...codec.fromItem(item), filter, teamId: queue.teamId, queue: queue.name, id: jobId };
	}

	async replace(job: Job): Promise<boolean> {
		const set = toItem(job, job.version + 1);
		const { done } = await this.#items.update(keyOf(job), {
			condition: "#version = :version",
			values: { version: job.version },
			set,
			remove: (["cursor", "finished_at", "expires_at"] as const).filter((name) => set[name] === undefined),
		});
		return done;
	}
}
