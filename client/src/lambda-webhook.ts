import { type WebhookHandler, type WebhookOptions, webhookResponder } from "./webhook-responder.ts";

/** What is used of an event of a Function URL or of API Gateway (payload formats 1.0 and 2.0). */
type LambdaEvent = Readonly<{
	headers: Readonly<Record<string, string | undefined>>;
	body?: string | null | undefined;
	isBase64Encoded?: boolean | undefined;
}>;

type LambdaResult = { statusCode: number; headers: Record<string, string>; body: string };

const bodyOf = ({ body, isBase64Encoded }: LambdaEvent): string | Uint8Array => {
	const text = body ?? "";
	return isBase64Encoded ? Uint8Array.from(atob(text), (character) => character.charCodeAt(0)) : text;
};

/** For AWS Lambda behind a Function URL or API Gateway. */
export const lambdaWebhook = <Payload = Record<string, unknown>>(
	options: WebhookOptions<Payload>,
	handler: WebhookHandler<Payload>,
): ((event: LambdaEvent) => Promise<LambdaResult>) => {
	const respond = webhookResponder(options, handler);
	return async (event) => {
		const answer = await respond({ headers: event.headers, readBody: async () => bodyOf(event) });
		const headers = Object.fromEntries(answer.headers);
		return { statusCode: answer.status, headers, body: await answer.text() };
	};
};
