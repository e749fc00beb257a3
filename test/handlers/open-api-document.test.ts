import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { errorCatalog } from "../../lambda/core/errors.ts";
import { openApiDocument } from "../../lambda/openapi/document.ts";
import type { JsonSchema, PathOperation } from "../../lambda/openapi/open-api-document.ts";
import { operations } from "../../lambda/openapi/operations.ts";
import { errorCodesOf } from "../../lambda/openapi/responses.ts";
import { sampleOf } from "../../lambda/openapi/sample-of.ts";
import { routes } from "../../lambda/routes.ts";

const document = openApiDocument();
const { schemas } = document.components;

const described: readonly (readonly [name: string, operation: PathOperation])[] = Object.entries(
	document.paths,
).flatMap(([path, methods]) =>
	Object.entries(methods).map(
		([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
	),
);

/** Paths of all members of `schema` that say nothing about themselves. */
const silentMembers = (schema: JsonSchema, path: string): string[] => {
	const inside = [...(schema.anyOf ?? []), ...(schema.items ? [schema.items as JsonSchema] : [])];
	return [
		...Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
			const memberPath = `${path}.${name}`;
			const isSilent = !(member as JsonSchema).description && !(member as JsonSchema).$ref;
			return [...(isSilent ? [memberPath] : []), ...silentMembers(member as JsonSchema, memberPath)];
		}),
		...inside.flatMap((part) => silentMembers(part, path)),
	];
};

describe("the OpenAPI document", () => {
	it("describes every route, and nothing else", () => {
		const served = routes.map(({ method, path }) => `${method} ${path}`);
		expect(described.map(([name]) => name).toSorted()).toEqual(served.toSorted());
		expect(Object.keys(operations).toSorted()).toEqual(
			[...new Set(routes.map(({ operation }) => operation))].toSorted(),
		);
		const ids = described.map(([, { operationId }]) => operationId);
		expect(new Set(ids).size).toBe(ids.length);
	});

	it("is found without fault and without warning by Redocly's recommended rules, which know the standard", async () => {
		const config = await createConfig({ extends: ["recommended-strict"] });
		const problems = await lintFromString({ source: JSON.stringify(document), config });
		expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
			[],
		);
	});

	it("says of every body, member and parameter what it means", () => {
		for (const [name, schema] of Object.entries(schemas)) {
			expect(schema.description, name).toBeTruthy();
			expect(silentMembers(schema, name)).toEqual([]);
		}
		for (const [name, { parameters }] of described)
			for (const parameter of parameters) expect(parameter.description, name).toBeTruthy();
	});

	it("has examples of every body that can be sent", () => {
		for (const [name, { requestBody }] of described) {
			const { examples = {} } = requestBody?.content["application/json"] ?? {};
			expect([name, Object.keys(examples).length > 0]).toEqual([name, requestBody !== undefined]);
		}
	});

	it("lists every error code with the operations that answer with it", () => {
		const listed = new Set(Object.values(operations).flatMap((operation) => [...errorCodesOf(operation)]));
		// Those of no operation: there is no such route.
		const stray = ["route_not_found", "method_not_allowed"];
		expect([...listed, ...stray].toSorted()).toEqual(Object.keys(errorCatalog).toSorted());
	});

	it("asks for a key everywhere but where it describes the service itself", () => {
		const open = described.filter(([, { security }]) => security !== undefined).map(([name]) => name);
		expect(open).toEqual(["GET /health", "GET /openapi.json", "GET /docs"]);
	});

	it("makes a sample of every body that is one", () => {
		const ajv = new Ajv2020({ strict: false });
		formats.default(ajv);
		ajv.addSchema(document, "openapi");
		for (const name of Object.keys(schemas)) {
			const $ref = `#/components/schemas/${name}`;
			const validate = ajv.compile({ $ref: `openapi${$ref}` });
			expect([name, validate(sampleOf({ $ref }, schemas)), validate.errors]).toEqual([name, true, null]);
		}
	});
});
