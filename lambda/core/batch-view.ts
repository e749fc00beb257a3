import * as z from "zod";
import { ItemProblem } from "./problem.ts";
import { TaskViewSchema } from "./task-view-schema.ts";

const CreatedItem = z
	.strictObject({ status: z.literal(201).describe("The item is a task now."), task: TaskViewSchema })
	.describe("An item that was accepted.");

/** Answer of `POST /v1/tasks/batch`: one result per item, in order. */
export const BatchView = z
	.strictObject({
		results: z.array(z.union([CreatedItem, ItemProblem])).describe("One result per item, in order."),
	})
	.describe("What became of each item.");
export type BatchView = z.infer<typeof BatchView>;
