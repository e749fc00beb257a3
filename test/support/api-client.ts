import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { Agent, type Dispatcher, request } from "undici";
import { assertAsDescribed } from "./api-description.ts";
import { eventually, PATIENCE_MS } from "./eventually.ts";
import { assertNoSecrets, keepSecrets } from "./secret-watch.ts";
import type { NewTaskBody, TaskView } from "./wire-format.ts";

export type ApiAnswer<Body> = Readonly<{
	status: number;
	/** Header names in lower case. */
	headers: Readonly<Record<string, string | string[] | undefined>>;
	body: Body;
}>;

type CallOptions = Readonly<{
	/** Sent as JSON. */
	json?: unknown;
	/** Sent as it is, instead of `json`. */
	text?: string;
	headers?: Readonly<Record<string, string>>;
}>;

/** Names below .localhost are this machine (RFC 6761), also where the resolver does not know that. */
const loopbackLookup: LookupFunction = (hostname, options, callback) =>
	lookup(hostname.endsWith(".localhost") ? "localhost" : hostname, options, callback);

/** The parts of a request that nobody may log: payloads, and keys of clients. */
const keepSent = (json: unknown, headers: Readonly<Record<string, string>>): void => {
	const { payload, tasks } = (json ?? {}) as { payload?: unknown; tasks?: unknown };
	keepSecrets(payload);
	if (Array.isArray(tasks)) for (const task of tasks) keepSecrets(task?.payload);
	keepSecrets(headers["idempotency-key"]);
};

/**
 * A client of the HTTP API that hides nothing: every status, header and body comes back as it was sent. What is not as
 * `/openapi.json` says is an error, whatever it was asked for.
 */
export class ApiClient {
	readonly baseUrl: string;
	readonly key: string | undefined;
	readonly #agent: Agent;

	constructor(baseUrl: string, key?: string, agent?: Agent) {
		this.baseUrl = baseUrl.replace(/\/$/, "");
		this.key = key;
		this.#agent = agent ?? new Agent({ connections: 32, connect: { lookup: loopbackLookup } });
	}

	/** The same API seen with another key, or with none. */
	withKey(key: string | undefined): ApiClient {
		return new ApiClient(this.baseUrl, key, this.#agent);
	}

	async call<Body>(
		method: Dispatcher.HttpMethod,
		path: string,
		{ json, text, headers = {} }: CallOptions = {},
	): Promise<ApiAnswer<Body>> {
		const body = text ?? (json === undefined ? null : JSON.stringify(json));
		keepSent(json, headers);
		const response = await request(`${this.baseUrl}${path}`, {
			method,
			dispatcher: this.#agent,
			body,
			headers: {
				...(this.key === undefined ? {} : { authorization: `Bearer ${this.key}` }),
				...(body === null ? {} : { "content-type": "application/json" }),
				...headers,
			},
		});
		const answer = await response.body.text();
		if (response.statusCode >= 400) assertNoSecrets(answer, `${method} ${path} was refused with`);
		const isJson = String(response.headers["content-type"]).includes("json");
		const { statusCode: status, headers: responseHeaders } = response;
		const responseBody = isJson && answer !== "" ? JSON.parse(answer) : answer;
		keepSecrets(responseBody?.key);
		const exchange = { method, path, requestBody: json, status, body: responseBody };
		assertAsDescribed({ ...exchange, headers: responseHeaders });
		return { status, headers: responseHeaders, body: responseBody };
	}

	/** A call that is only worth going on with after `status`. */
	async expectCall<Body>(
		status: number,
		method: Dispatcher.HttpMethod,
		path: string,
		options?: CallOptions,
	): Promise<Body> {
		const answer = await this.call<Body>(method, path, options);
		if (answer.status === status) return answer.body;
		throw new Error(`${method} ${path}: ${answer.status}, not ${status}: ${JSON.stringify(answer.body)}`);
	}

	createTask(task: NewTaskBody, headers: Readonly<Record<string, string>> = {}): Promise<TaskView> {
		return this.expectCall<TaskView>(201, "POST", "/v1/tasks", { json: task, headers });
	}

	getTask(id: string): Promise<TaskView> {
		return this.expectCall<TaskView>(200, "GET", `/v1/tasks/${id}`);
	}

	/** The task as soon as `isReached` says so. */
	async taskWhen(
		id: string,
		what: string,
		isReached: (task: TaskView) => boolean,
		withinMs: number = PATIENCE_MS,
	): Promise<TaskView> {
		let last: TaskView | undefined;
		const probe = async () => {
			last = await this.getTask(id);
			return isReached(last) ? last : undefined;
		};
		try {
			return await eventually(`task ${id} to be ${what}`, probe, withinMs);
		} catch (error) {
			throw new Error(`Task ${id} is not ${what}: ${JSON.stringify(last)}`, { cause: error });
		}
	}

	taskInStatus(id: string, status: TaskView["status"]): Promise<TaskView> {
		return this.taskWhen(id, status, (task) => task.status === status);
	}

	close(): Promise<void> {
		return this.#agent.destroy();
	}
}
