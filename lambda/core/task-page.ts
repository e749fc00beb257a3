import * as z from "zod";
import { QueueName } from "./queue.ts";
import { type Task, TaskStatus } from "./task.ts";
import { parseTaskId } from "./task-id.ts";

const decodeCursor = (cursor: string): string => Buffer.from(cursor, "base64url").toString();

/** Opaque to clients; inside, the id of the last task of the page before. */
export const encodeCursor = (taskId: string): string => Buffer.from(taskId).toString("base64url");

const Cursor = z
	.string()
	.transform(decodeCursor)
	.refine((id) => parseTaskId(id) !== undefined, "is not a cursor of this API")
	.describe("`pagination.next_cursor` of the page before.");

/** Query of `GET /v1/tasks`. The cursor comes out as the task id to continue after. */
export const TaskListQuery = z.strictObject({
	queue: QueueName.describe("Only tasks of this queue.").optional(),
	status: TaskStatus.describe("Only tasks in this status.").optional(),
	limit: z.coerce.number().int().min(1).max(100).describe("Tasks a page, at most.").default(20),
	cursor: Cursor.optional(),
	offset: z.coerce
		.number()
		.int()
		.min(0)
		.max(1_000)
		.describe("Tasks to skip. `cursor` is the better pager: it keeps its place when tasks are created.")
		.default(0),
});
export type TaskListQuery = z.infer<typeof TaskListQuery>;

/** What a store is asked for: tasks older than `before` (exclusive), newest first, at most `limit`. */
export type TaskQuery = Readonly<{
	teamId: string;
	queue?: string | undefined;
	status?: TaskStatus | undefined;
	before?: string | undefined;
	limit: number;
}>;

export type TaskPage = Readonly<{ tasks: readonly Task[]; hasMore: boolean }>;
