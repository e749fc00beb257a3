import type { ApiResult } from "../../lambda/middleware/api-event.ts";
import { apiEvent } from "../support/api-events.ts";
import type { AcceptedTask, Book } from "./book.ts";
import type { Host } from "./host.ts";
import type { Action, PlannedQueue, PlannedTask } from "./plan.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Trace } from "./trace.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** Time that an invocation of the API function may take (lib/task-api.ts). */
const API_TIMEOUT_SECONDS = 20;

/** How often a client asks again that got no answer, or one that says that it is not its fault. */
const TRIES = 6;

type Reply = Readonly<{ status: number; body: Record<string, unknown> }>;

type Request = Readonly<{
	team: string;
	method: string;
	path: string;
	body?: unknown;
	idempotencyKey?: string | undefined;
}>;

type Options = Readonly<{
	time: VirtualTime;
	random: SeededRandom;
	hosts: readonly Host[];
	book: Book;
	trace: Trace;
}>;

const bodyOf = ({ n, queue, delay, priority, maxRetries, answers }: PlannedTask) => ({
	queue: queue.name,
	webhook_url: "http://receiver.test/hook",
	payload: { n, answers },
	delay,
	priority,
	...(maxRetries !== undefined && { max_retries: maxRetries }),
});

const pathOf = ({ name }: PlannedQueue, rest = ""): string => `/v1/queues/${name}${rest}`;

/** Those who use the API: they repeat what they may, and write down what they were told. */
export class Client {
	readonly #options: Options;
	/** Queues that somebody has asked to resume: from then on a pause may be over at any time. */
	readonly #resuming = new Set<string>();
	#requests = 0;
	#underWay = 0;

	constructor(options: Options) {
		this.#options = options;
	}

	/** Whether any action is not finished yet. */
	get isBusy(): boolean {
		return this.#underWay > 0;
	}

	/** Begins an action. */
	begin(action: Action): void {
		this.#underWay += 1;
		void this.#act(action).finally(() => {
			this.#underWay -= 1;
		});
	}

	#act(action: Action): Promise<void> {
		switch (action.kind) {
			case "create":
				return action.isBatch ? this.#createBatch(action) : this.#create(action);
			case "cancel":
				return this.#cancel(action.task);
			case "retry":
				return this.#ofEach(action.task, "POST", "/retry");
			case "show":
				return this.#ofEach(action.task, "GET", "");
			case "pause":
				return this.#pause(action.queue, action.forMs);
			case "put":
			case "patch":
				return this.#configure(action.kind, action.queue, action.settings);
			case "job":
				return this.#job(action.queue, action.job, action.body);
			case "rotate":
				return this.#rotate(action.team);
			case "list":
				return this.#list(action.queue);
		}
	}

	/** Without an idempotency key a client that got no answer does not know: it leaves it at that. */
	async #create({ tasks: [task], isIdempotent }: Extract<Action, { kind: "create" }>): Promise<void> {
		if (!task) return;
		const { team } = task.queue;
		const idempotencyKey = isIdempotent ? `key-${task.n}` : undefined;
		const request = { team, method: "POST", path: "/v1/tasks", body: bodyOf(task), idempotencyKey };
		const reply = await (isIdempotent ? this.#insist(request) : this.#ask(request));
		if (reply?.status === 201) this.#noteAccepted(task, reply.body);
	}

	async #createBatch({ tasks, isIdempotent }: Extract<Action, { kind: "create" }>): Promise<void> {
		const [first] = tasks;
		if (!first) return;
		const request = {
			team: first.queue.team,
			method: "POST",
			path: "/v1/tasks/batch",
			body: { tasks: tasks.map(bodyOf) },
			idempotencyKey: isIdempotent ? `batch-${first.n}` : undefined,
		};
		const reply = await (isIdempotent ? this.#insist(request) : this.#ask(request));
		if (reply?.status !== 200) return;
		const results = reply.body["results"] as readonly { status: number; task: Record<string, unknown> }[];
		tasks.forEach((task, index) => {
			const result = results[index];
			if (result?.status === 201) this.#noteAccepted(task, result.task);
		});
	}

	#noteAccepted(task: PlannedTask, { id, run_at }: Record<string, unknown>): void {
		const { book, time } = this.#options;
		const accepted: AcceptedTask = {
			id: String(id),
			task,
			acceptedAt: time.now(),
			runAt: Date.parse(String(run_at)),
		};
		book.noteAccepted(accepted);
	}

	async #cancel(task: PlannedTask): Promise<void> {
		const { book, time } = this.#options;
		for (const id of book.idsOf(task.n)) {
			const request = { team: task.queue.team, method: "DELETE", path: `/v1/tasks/${id}` };
			const reply = await this.#insist(request);
			if (reply?.status === 200) book.noteCancelled(id, time.now());
		}
	}

	async #ofEach({ n, queue }: PlannedTask, method: string, rest: string): Promise<void> {
		for (const id of this.#options.book.idsOf(n))
			await this.#insist({ team: queue.team, method, path: `/v1/tasks/${id}${rest}` });
	}

	/** Whoever pauses a queue resumes it for certain, or its tasks would wait for ever. */
	async #pause(queue: PlannedQueue, forMs: number): Promise<void> {
		const { book, time } = this.#options;
		const { team, name } = queue;
		const paused = await this.#insist({ team, method: "POST", path: pathOf(queue, "/pause") });
		const pause = { queue: `${team}/${name}`, from: time.now(), until: Number.POSITIVE_INFINITY };
		if (paused?.status === 200 && !this.#resuming.has(pause.queue)) book.pauses.push(pause);
		await this.#wait(forMs);
		for (const other of book.pauses)
			if (other.queue === pause.queue) other.until = Math.min(other.until, time.now());
		this.#resuming.add(pause.queue);
		await this.#insist({ team, method: "POST", path: pathOf(queue, "/resume") }, Number.POSITIVE_INFINITY);
	}

	async #configure(kind: "put" | "patch", queue: PlannedQueue, settings: object): Promise<void> {
		const method = kind.toUpperCase();
		await this.#insist({ team: queue.team, method, path: pathOf(queue), body: settings });
	}

	async #job(queue: PlannedQueue, job: string, body: object): Promise<void> {
		const { book } = this.#options;
		const { team, name } = queue;
		if (job === "purge") book.purgedQueues.add(`${team}/${name}`);
		const reply = await this.#insist({ team, method: "POST", path: pathOf(queue, `/${job}`), body });
		if (reply?.status === 202) book.jobs.push({ team, queue: name, id: String(reply.body["id"]) });
	}

	/** The old secret goes on working, so that nobody has to know whether the rotation has taken place. */
	async #rotate(team: string): Promise<void> {
		const { book } = this.#options;
		const listed = await this.#insist({ team, method: "GET", path: "/v1/apikeys" });
		const [key] = (listed?.body["api_keys"] ?? []) as readonly { id: string }[];
		if (!key) return;
		const reply = await this.#ask({ team, method: "POST", path: `/v1/apikeys/${key.id}/rotate`, body: {} });
		if (reply?.status === 200) book.noteSecret(team, String(reply.body["key"]));
	}

	async #list({ team, name }: PlannedQueue): Promise<void> {
		await this.#insist({ team, method: "GET", path: `/v1/tasks?queue=${name}&limit=50` });
	}

	#wait(milliseconds: number): Promise<void> {
		return new Promise((resolve) => this.#options.time.after(milliseconds, resolve));
	}

	/** Asks again until there is an answer that is not the service's fault. */
	async #insist(request: Request, tries = TRIES): Promise<Reply | undefined> {
		let reply: Reply | undefined;
		for (let n = 0; n < tries; n += 1) {
			reply = await this.#ask(request);
			if (reply && reply.status < 500) return reply;
			await this.#wait(this.#options.random.int(100, 3_000));
		}
		return reply;
	}

	/** Undefined when the connection broke before the answer. */
	#ask({ team, method, path, body, idempotencyKey }: Request): Promise<Reply | undefined> {
		const { time, random, hosts, book, trace } = this.#options;
		this.#requests += 1;
		const who = `client-${this.#requests}`;
		const headers = {
			authorization: `Bearer ${random.pick(book.secretsOf(team))}`,
			...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
		};
		const event = apiEvent(method, path, { headers, ...(body !== undefined && { body }) });
		trace.note(who, `${method} ${path}`, () => ({ team, body }));
		return new Promise((resolve) => {
			const tell = (reply: Reply | undefined): void => {
				trace.note(who, `is told ${reply?.status ?? "nothing"}`, () => [path, reply?.body]);
				time.after(random.int(0, 20), () => resolve(reply));
			};
			const answer = ({ statusCode = 0, body: text }: ApiResult): void =>
				tell({ status: statusCode, body: text ? JSON.parse(text) : {} });
			const reach = (): void => {
				const free = hosts.filter(({ hasRoom }) => hasRoom);
				// The front door waits until another process has started.
				if (free.length === 0) time.after(random.int(10, 100), reach);
				else
					random.pick(free).invoke<ApiResult>(
						API_TIMEOUT_SECONDS,
						({ api }) => api(event, {}),
						(ending) => (ending.kind === "returned" ? answer(ending.result) : tell(undefined)),
					);
			};
			reach();
		});
	}
}
