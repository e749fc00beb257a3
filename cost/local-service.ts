import { setTimeout as sleep } from "node:timers/promises";
import { NodeHttpHandler, type NodeHttpHandlerOptions } from "@smithy/node-http-handler";

type Handle = NodeHttpHandler["handle"];
type HttpRequest = Parameters<Handle>[0];
type HttpResponse = Awaited<ReturnType<Handle>>["response"];

/** A call of a service as it would go over the wire: the operation's name and its JSON. */
export type ServiceCall = Readonly<{ operation: string; path: string; body: Record<string, unknown> }>;

const callOf = ({ headers, path, body }: HttpRequest): ServiceCall => ({
	operation: (headers["x-amz-target"] ?? "").split(".").at(-1) ?? "",
	path,
	body: body === undefined ? {} : JSON.parse(new TextDecoder().decode(body)),
});

/** Lets `answer` stand for a service. The SDK does all its work but the sending. */
export class LocalService extends NodeHttpHandler {
	readonly #answer: (call: ServiceCall) => unknown;
	readonly #latencyMs: number;

	constructor(latencyMs: number, answer: (call: ServiceCall) => unknown) {
		super();
		this.#answer = answer;
		this.#latencyMs = latencyMs;
	}

	override async handle(...[request]: Parameters<Handle>): ReturnType<Handle> {
		const body = Buffer.from(JSON.stringify(this.#answer(callOf(request))));
		await sleep(this.#latencyMs);
		return { response: { statusCode: 200, headers: {}, body } as unknown as HttpResponse };
	}
}

/** Carries requests to an emulator, and no answer comes sooner than it would from AWS. */
export class UnhurriedHttpHandler extends NodeHttpHandler {
	readonly #latencyMs: number;

	constructor(latencyMs: number, options: NodeHttpHandlerOptions) {
		super(options);
		this.#latencyMs = latencyMs;
	}

	override async handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
		const [answer] = await Promise.all([super.handle(request, options), sleep(this.#latencyMs)]);
		return answer;
	}
}
