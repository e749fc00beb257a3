import type { Plant } from "./plant.ts";

const TASK_STORE = "test/simulation/model/model-task-store.ts";
const SHEET_STORE = "test/simulation/model/model-pump-sheet-store.ts";
const IDEMPOTENCY_STORE = "test/simulation/model/model-idempotency-store.ts";
const usecase = (name: string): string => `lambda/usecases/${name}.ts`;
const core = (name: string): string => `lambda/core/${name}.ts`;

const edit = (name: string, file: string, find: string, replace: string): Plant => ({
	name,
	edits: [{ file, find, replace }],
});

/** Bugs of the kind that such a service has: every one must be found, or the simulation proves little. */
export const plantedBugs: readonly Plant[] = [
	edit(
		"a claim without condition",
		TASK_STORE,
		"task.attempt === attempt && isClaimable(task, now)",
		"task.attempt === attempt || task.attempt > 0",
	),
	edit(
		"a claim of whatever attempt is next",
		TASK_STORE,
		"task.attempt === attempt && isClaimable(task, now)",
		"isClaimable(task, now)",
	),
	edit(
		"a result recorded without its claim",
		TASK_STORE,
		'task.status === "active" && task.attempt === attempt && task.leaseUntil === leaseUntil',
		"task.attempt === attempt || task.leaseUntil === leaseUntil",
	),
	edit(
		"a task cancelled while it is being called",
		TASK_STORE,
		'task.status === "pending" ? { ...task, ...finish, status: "cancelled" }',
		'task.status === "pending" || task.status === "active" ? { ...task, ...finish, status: "cancelled" }',
	),
	edit(
		"a pump sheet written over another's",
		SHEET_STORE,
		"if (sheet.version !== this.peek(queue).version) return false;",
		"",
	),
	edit(
		"an idempotency record written over another's",
		IDEMPOTENCY_STORE,
		"if (standing && standing.expiresAt > now) return standing;",
		"",
	),
	edit("a lease shorter than a call", core("delivery-limits"), "= MAX_CALL_SECONDS + 30;", "= 1;"),
	edit(
		"a message deleted before its work is done",
		usecase("deliver-batch"),
		'await ("run" in handling.value ? handling.value.run() : inLine);',
		'void ("run" in handling.value ? handling.value.run() : inLine).catch(() => undefined);',
	),
	edit(
		"no next message after a failed attempt",
		usecase("attempt-task"),
		'if (step.event === "retry_later") await dispatch(ports, [messageFor(recorded.task)]);',
		"",
	),
	edit(
		"an outdated message that sees to nothing",
		usecase("deliver-task"),
		"await sendWhatIsNeeded(ports, task);",
		"",
	),
	edit(
		"a create accepted before its message is sent",
		usecase("create-task"),
		'throw new AsyncQueueError("unavailable", "The task could not be queued; please try again", { cause });',
		"return;",
	),
	edit(
		"a retry too many",
		core("retry-policy"),
		"if (retry > policy.maxRetries)",
		"if (retry > policy.maxRetries + 1)",
	),
	{
		name: "an early message delivered",
		edits: [
			{
				file: usecase("deliver-batch"),
				find: "if (message.due_at > ports.clock.now())",
				replace: "if (false)",
			},
			{ file: TASK_STORE, find: "task.dueAt <= now", replace: "task.dueAt > 0" },
		],
	},
	edit(
		"a pause confirmed before it is in force",
		usecase("settings-in-force"),
		"if (queue.settings.paused) await ports.queues.inForce();",
		"",
	),
	edit(
		"a pump that does not look again when it was called",
		usecase("pump-place"),
		"if (await this.#write(left)) return !woken;",
		"if (await this.#write(left)) return true;",
	),
	edit(
		"a pump called before the message is in line",
		usecase("join-line"),
		"	await ports.line.add(messages);\n	await callPump(ports, queuesOf(messages), ports.clock.now());",
		"	await callPump(ports, queuesOf(messages), ports.clock.now());\n	await ports.line.add(messages);",
	),
	edit(
		"a pump's call that its lease does not outlast",
		usecase("pump-place"),
		"return this.#leaseUntil >= needed && this.slotAt >= slotAt;",
		"return needed > 0 && this.slotAt >= slotAt;",
	),
	edit(
		"a message that leaves the line before its call",
		usecase("pump"),
		"			claimed = await claim;\n",
		"			await this.#line.remove(message);\n			claimed = await claim;\n",
	),
	edit(
		"a slot that counts from the claim, not from the call",
		usecase("pump-calls"),
		"if (waitMs > 0) {",
		"if (waitMs > 1e12) {",
	),
	edit(
		"a dead letter dropped while its task is pending",
		usecase("drain-message"),
		"if (!task || isFinal(task.status)) return",
		'if (!task || isFinal(task.status) || task.status === "pending") return',
	),
	edit(
		"a redrive that sends nothing for what it has put back before",
		usecase("job-changes"),
		'await dispatch(ports, tasks.filter(({ status }) => status === "pending").map(messageFor));',
		"await dispatch(ports, reopened.flatMap(({ done, task }) => (done ? [messageFor(task)] : [])));",
	),
];
