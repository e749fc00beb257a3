import * as z from "zod";
import { type ErrorCode, errorCatalog } from "./errors.ts";

const codes = Object.keys(errorCatalog) as ErrorCode[];

const FaultView = z
	.strictObject({
		path: z.string().meta({
			description: "Dotted path into the body, or the name of a header or parameter; empty: the body itself.",
			examples: ["webhook_url"],
		}),
		message: z
			.string()
			.meta({ description: "What is wrong there.", examples: ["must be an absolute http or https URL"] }),
	})
	.describe("One thing that is wrong with a request.");

/** What every failed request says for people and programs: the extension members of our problems. */
const shape = {
	status: z
		.int()
		.min(400)
		.max(599)
		.meta({ description: "The HTTP status.", examples: [400] }),
	error: z.string().meta({
		description: "One sentence for people: what went wrong.",
		examples: ["webhook_url: must be an absolute http or https URL"],
	}),
	code: z.enum(codes).meta({ description: "Stable: branch on this.", examples: ["invalid_request"] }),
	errors: z.array(FaultView).describe("Every fault of an invalid request, not just the first.").optional(),
};

/** An error as clients see it (RFC 9457): `application/problem+json`. */
export const Problem = z
	.strictObject({
		type: z.string().meta({
			description: "A URN that ends in the code.",
			examples: ["urn:asyncqueue:error:invalid_request"],
		}),
		title: z.string().meta({ description: "What the code means.", examples: ["Invalid request"] }),
		detail: z.string().meta({
			description: "The same as `error`, under the name that RFC 9457 gives it.",
			examples: ["webhook_url: must be an absolute http or https URL"],
		}),
		...shape,
	})
	.describe("What went wrong (RFC 9457).");
export type Problem = Readonly<z.infer<typeof Problem>>;

/** The error of one item of a batch. */
export const ItemProblem = z.strictObject(shape).describe("Why an item was refused.");
export type ItemProblem = Readonly<z.infer<typeof ItemProblem>>;
