import { errors } from "undici";
import type { CallFailure } from "../../core/delivery-outcome.ts";
import { LookupError } from "./judged-lookup.ts";

/** Error codes of Node and undici that have a word of their own. */
const failureByCode: Readonly<Record<string, CallFailure>> = {
	ECONNREFUSED: "connection_refused",
	ECONNRESET: "connection_reset",
	EPIPE: "connection_reset",
	UND_ERR_SOCKET: "connection_reset",
	UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "connection_reset",
	ETIMEDOUT: "timeout",
	UND_ERR_CONNECT_TIMEOUT: "timeout",
	EPROTO: "tls_error",
	UND_ERR_HEADERS_OVERFLOW: "invalid_response",
};

/** OpenSSL's faults and X.509 verification results, as Node names them (nodejs.org/api/tls.html#x509-certificate-error-codes). */
const TLS_CODE =
	/^(ERR_(SSL|TLS)_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_C|INVALID_(CA|PURPOSE)$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$)/;

/** What undici says, without a code of its own, of answers that it cannot read (the first two) or place. */
const failureOfAnswer = (error: Error): CallFailure | undefined => {
	if (error instanceof errors.HTTPParserError)
		return error.message.includes("Invalid EOF state") ? "connection_reset" : "invalid_response";
	const isMisplaced = error instanceof errors.SocketError && error.message.startsWith("bad ");
	return isMisplaced ? "invalid_response" : undefined;
};

const failureOfCode = (code: string): CallFailure =>
	failureByCode[code] ?? (TLS_CODE.test(code) ? "tls_error" : "network_error");

/** The word for an error of a call that undici reported. */
export const callFailure = (error: unknown): CallFailure => {
	if (error instanceof LookupError) return error.failure;
	// Several addresses were tried: an IPv6 one without a route says less than an IPv4 one that refused.
	if (error instanceof AggregateError)
		return error.errors.map(callFailure).find((failure) => failure !== "network_error") ?? "network_error";
	if (!(error instanceof Error)) return "network_error";
	return failureOfAnswer(error) ?? failureOfCode("code" in error ? String(error.code) : "");
};
