import { ACCESS_LOG } from "../lib/access-log.ts";

/** Values as long as those of real requests. What a request does not have is a hyphen. */
const TYPICAL: Readonly<Record<string, string>> = {
	"$context.requestId": "Yn3m1jJXoAMEPDA=",
	"$context.status": "201",
	"$context.identity.sourceIp": "203.0.113.178",
	"$context.responseLatency": "48",
	"$context.integrationErrorMessage": "-",
};

/** Bytes of the line that the HTTP API writes about each request. */
export const accessLogBytes = (): number => {
	const fields = Object.entries(ACCESS_LOG).map(([name, variable]) => {
		const value = TYPICAL[variable];
		if (value === undefined) throw new Error(`Nobody knows how long ${variable} is`);
		return [name, value];
	});
	return Buffer.byteLength(JSON.stringify(Object.fromEntries(fields)));
};
