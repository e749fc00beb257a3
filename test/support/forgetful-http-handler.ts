import { NodeHttpHandler } from "@smithy/node-http-handler";

type Handle = NodeHttpHandler["handle"];

/** Carries requests to AWS and can lose the answers, as a network does: the request has had its effect all the same. */
export class ForgetfulHttpHandler extends NodeHttpHandler {
	#losses = 0;

	/** Loses the answer to the next request, but not that to its repetition. */
	loseNextAnswer(): void {
		this.#losses = 1;
	}

	override async handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
		const answer = await super.handle(request, options);
		if (this.#losses === 0) return answer;
		this.#losses -= 1;
		answer.response.body.resume();
		throw Object.assign(new Error("The answer was lost"), { name: "TimeoutError" });
	}
}
