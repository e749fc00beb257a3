import { setTimeout as sleep } from "node:timers/promises";
import type { ApiAnswer, ApiClient } from "../support/api-client.ts";
import type { BatchView, TaskView } from "../support/wire-format.ts";
import type { Ledger, TaskStory } from "./ledger.ts";
import { DISK_FAULTS } from "./ledger.ts";
import type { TaskPlan } from "./task-plan.ts";

const RETRY_MS = 400;

/** How long nobody tries again after a connection broke. */
const CUT_OFF_MS = 100;

/** How long after a disk fault an answer may still tell of it. */
const ECHO_MS = 5_000;

/** Why undici gave up: the server had the time that it is given, and did not use it. */
const TIMEOUTS = ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"];

type Outcome = ApiAnswer<unknown> | "broken";

/** Creates and cancels tasks, and notes in the ledger what came of it. */
export class TaskCreator {
	readonly #api: ApiClient;
	readonly #ledger: Ledger;
	readonly #webhookUrl: string;
	readonly #run: string;
	/** What is under way, retries and cancellations included. */
	readonly #pending = new Set<Promise<unknown>>();
	/** When a request was last left without an answer; monotonic ms. */
	#brokenAt = Number.NEGATIVE_INFINITY;

	constructor(api: ApiClient, ledger: Ledger, webhookUrl: string, run: string) {
		this.#api = api;
		this.#ledger = ledger;
		this.#webhookUrl = webhookUrl;
		this.#run = run;
	}

	/** Requests and what follows from them that are not done. */
	get pending(): number {
		return this.#pending.size;
	}

	/** Whether a request was left without an answer just now. */
	get isCutOff(): boolean {
		return performance.now() - this.#brokenAt < CUT_OFF_MS;
	}

	/** One task. Resolves when it is accepted, or will not be. */
	create(plan: TaskPlan): Promise<TaskStory> {
		return this.#track(this.#createOne(this.#ledger.open(plan)));
	}

	createBatch(plans: readonly TaskPlan[]): Promise<unknown> {
		return this.#track(this.#createMany(plans.map((plan) => this.#ledger.open(plan))));
	}

	/** Waits for everything that is under way: creates with a key go on until they are accepted. */
	async finish(): Promise<void> {
		while (this.#pending.size > 0) await Promise.all(this.#pending);
	}

	/** Asks, and sees to it that the answer is one that may be given. */
	async ask(method: "POST" | "GET" | "DELETE", path: string, json?: unknown, key?: string): Promise<Outcome> {
		const headers = key === undefined ? {} : { "idempotency-key": key };
		const askedAt = performance.now();
		try {
			const answer = await this.#api.call(method, path, { json, headers });
			this.#check(`${method} ${path}`, answer, askedAt);
			return answer;
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			if (TIMEOUTS.includes(code ?? ""))
				this.#ledger.violate("every request is answered", `${method} ${path}: ${code}`);
			this.#brokenAt = performance.now();
			return "broken";
		}
	}

	#check(what: string, { status, headers, body }: ApiAnswer<unknown>, askedAt: number): void {
		if (status < 500) return;
		const isProblem = headers["content-type"] === "application/problem+json";
		const now = performance.now();
		const faults = this.#ledger.during(askedAt - ECHO_MS, now, DISK_FAULTS);
		if (status !== 503 || !isProblem || faults.length === 0)
			this.#ledger.violate(
				"5xx is 503 problem+json, and only while the disk fails",
				`${what}: ${status} ${JSON.stringify(body)} at ${Math.round(now)}`,
			);
	}

	#track<Result>(work: Promise<Result>): Promise<Result> {
		const tracked = work.finally(() => this.#pending.delete(tracked));
		this.#pending.add(tracked);
		return tracked;
	}

	#bodyOf({ n, plan }: TaskStory) {
		const { queue, priority, delay, maxRetries } = plan;
		const payload = { n, text: "x".repeat(150) };
		return { queue, webhook_url: this.#webhookUrl, payload, priority, delay, max_retries: maxRetries };
	}

	async #createOne(story: TaskStory): Promise<TaskStory> {
		const key = story.plan.keyed ? `${this.#run}-${story.n}` : undefined;
		for (;;) {
			const answer = await this.ask("POST", "/v1/tasks", this.#bodyOf(story), key);
			this.#note(story, answer);
			if (story.created === "accepted" || !key) break;
			await sleep(RETRY_MS);
		}
		if (story.created === "accepted" && story.plan.cancelAfterMs !== undefined)
			await this.#cancel(story, story.plan.cancelAfterMs);
		return story;
	}

	async #createMany(stories: readonly TaskStory[]): Promise<void> {
		const tasks = stories.map((story) => this.#bodyOf(story));
		const answer = await this.ask("POST", "/v1/tasks/batch", { tasks });
		if (answer === "broken" || answer.status !== 200) {
			for (const story of stories) this.#note(story, answer);
			return;
		}
		const { results } = answer.body as BatchView;
		for (const [index, story] of stories.entries()) {
			const { status = 0, task } = results[index] ?? {};
			this.#note(story, { status, headers: {}, body: task });
		}
	}

	#note(story: TaskStory, answer: Outcome): void {
		if (answer === "broken") {
			story.created = "broken";
			this.#ledger.broken += 1;
		} else if (answer.status === 201) this.#ledger.accept(story, answer.body as TaskView);
		else {
			story.created = "refused";
			this.#ledger.refused += 1;
			if (answer.status < 500)
				this.#ledger.violate("a valid task is accepted", `${answer.status} ${JSON.stringify(answer.body)}`);
		}
	}

	async #cancel(story: TaskStory, afterMs: number): Promise<void> {
		await sleep(afterMs);
		story.cancel = "asked";
		const answer = await this.ask("DELETE", `/v1/tasks/${story.id}`);
		if (answer === "broken" || answer.status === 503) story.cancel = "broken";
		else if (answer.status === 200) {
			story.cancel = "confirmed";
			story.cancelledAt = performance.now();
		} else {
			story.cancel = "refused";
			if (answer.status !== 409)
				this.#ledger.violate(
					"an accepted task can be cancelled while it is pending",
					`${story.id}: ${answer.status}`,
				);
		}
	}
}
