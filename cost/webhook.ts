import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ASSUMED_MS } from "./assumptions.ts";

/** Runs in a process of its own: a customer's work is not ours. Paths under /fails-once/ refuse the first attempt. */
const server = createServer(async (request, response) => {
	request.resume();
	const isRefused =
		request.url?.startsWith("/fails-once/") && request.headers["x-asyncqueue-attempt"] === "1";
	await sleep(ASSUMED_MS.webhook);
	response.writeHead(isRefused ? 500 : 200, { "content-type": "text/plain" }).end(isRefused ? "no" : "ok");
});

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
