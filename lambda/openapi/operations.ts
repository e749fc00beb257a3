import type { Operation } from "../routes.ts";
import { apiKeyOperations } from "./api-key-operations.ts";
import { jobOperations } from "./job-operations.ts";
import type { OperationDescription } from "./operation-description.ts";
import { queueOperations } from "./queue-operations.ts";
import { serviceOperations } from "./service-operations.ts";
import { taskOperations } from "./task-operations.ts";

/** Every operation of `routes.ts`, described. */
export const operations: Readonly<Record<Operation, OperationDescription>> = {
	...taskOperations,
	...queueOperations,
	...jobOperations,
	...apiKeyOperations,
	...serviceOperations,
};
