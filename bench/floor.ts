/**
 * The floor: what a create and a webhook cost when nothing is stored, retried or signed.
 * A bare node:http server that takes the same POST as AsyncQueue, answers 201 at once and forwards the task to its
 * webhook with the same HTTP client as AsyncQueue's, over keep-alive connections. Delays are plain timers.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent, request } from "undici";

const CONNECTIONS = 32;
const agent = new Agent({ connections: CONNECTIONS });

const readText = (message: IncomingMessage): Promise<string> =>
	new Promise((resolve, reject) => {
		let text = "";
		message.setEncoding("utf8").on("data", (chunk: string) => {
			text += chunk;
		});
		message.on("end", () => resolve(text)).on("error", reject);
	});

const forward = async (webhookUrl: string, body: string): Promise<void> => {
	const answer = await request(webhookUrl, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body,
		dispatcher: agent,
	});
	await answer.body.dump();
};

const take = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
	const body = await readText(message);
	const { webhook_url, delay = 0 } = JSON.parse(body);
	const run_at = new Date(Date.now() + delay * 1_000).toISOString();
	response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify({ run_at }));
	if (delay === 0) await forward(webhook_url, body);
	else setTimeout(() => void forward(webhook_url, body), delay * 1_000);
};

const server = createServer((message, response) => void take(message, response));
server.listen(0, "127.0.0.1");
await once(server, "listening");
console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
process.once("SIGTERM", () => process.exit(0));
