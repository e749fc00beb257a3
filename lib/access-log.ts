/**
 * One line of JSON per request, with what the function's own line (`api.handled`) cannot know; every byte is paid for.
 * `request_id` is what the caller got as `X-Request-Id`. No path: somebody may take a key for an id, and it cannot be
 * blacked out here as in the function's own line.
 */
export const ACCESS_LOG = {
	request_id: "$context.requestId",
	status: "$context.status",
	source_ip: "$context.identity.sourceIp",
	latency_ms: "$context.responseLatency",
	integration_error: "$context.integrationErrorMessage",
};
