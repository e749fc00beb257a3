/** How much, and for how long, the HTTP server takes from a client, whoever that is. Times in ms, sizes in bytes. */
export type HttpLimits = Readonly<{
	/** From the first byte of a request, or from the connection, to the end of its headers. Then 408. */
	headersTimeout: number;
	/** From the first byte of a request to the last one of its body. Then 408. */
	requestTimeout: number;
	/** How often both are looked at. */
	checkingInterval: number;
	/** Without a byte in either direction: a client that does not read its answer. */
	idleTimeout: number;
	/** Request line and headers together. Then 431. */
	headerBytes: number;
	/** One body. Then 413. */
	bodyBytes: number;
	/** All bodies that are arriving, together. Then 503 for whoever sends more, as long as that lasts. */
	arrivingBytes: number;
	/** More are closed as soon as they are opened. */
	connections: number;
	/** How long what a refused client goes on sending is read and dropped: otherwise it might not see the answer. */
	linger: number;
}>;

/**
 * Bodies as large as Lambda's synchronous requests, and as much time for one as API Gateway takes for an answer.
 * Requests that are arriving occupy less than a quarter of a GiB together, whatever clients do.
 */
export const HTTP_LIMITS: HttpLimits = {
	headersTimeout: 10_000,
	requestTimeout: 30_000,
	checkingInterval: 1_000,
	idleTimeout: 60_000,
	headerBytes: 16_384,
	bodyBytes: 6_291_456,
	arrivingBytes: 134_217_728,
	connections: 2_000,
	linger: 1_000,
};
