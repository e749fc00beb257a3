import * as z from "zod";
import { HealthView } from "../core/health-view.ts";
import type { OperationDescription } from "./operation-description.ts";

const Document = z
	.looseObject({ openapi: z.string().meta({ description: "Version of OpenAPI.", examples: ["3.1.1"] }) })
	.describe("An OpenAPI document.");

/** What there is to say about the service itself. */
export const serviceOperations = {
	health: {
		tag: "Service",
		summary: "Is it up",
		description: "Answers as soon as the API does.",
		isPublic: true,
		answers: { 200: { description: "It is.", schema: HealthView } },
	},
	getOpenApi: {
		tag: "Service",
		summary: "This API as OpenAPI 3.1",
		description: "Made of the schemas that validate requests.",
		isPublic: true,
		answers: { 200: { description: "The document.", schema: Document } },
	},
	getDocs: {
		tag: "Service",
		summary: "This API as a page",
		description: "The same for people: one page without scripts that needs nothing from elsewhere.",
		isPublic: true,
		answers: { 200: { description: "The page.", contentType: "text/html" } },
	},
} as const satisfies Record<string, OperationDescription>;
