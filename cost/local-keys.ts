import { randomBytes } from "node:crypto";
import type { ServiceCall } from "./local-service.ts";
import type { Tally } from "./tally.ts";

const DATA_KEY_BYTES = 32;

/** KMS as the cipher sees it; "wrapped" means nothing here. */
export const answerForKeys =
	(tally: Tally) =>
	({ operation, body }: ServiceCall): unknown => {
		tally.add("kmsRequests");
		if (operation === "Decrypt") return { Plaintext: body["CiphertextBlob"] };
		const key = randomBytes(DATA_KEY_BYTES).toString("base64");
		return { Plaintext: key, CiphertextBlob: key };
	};
