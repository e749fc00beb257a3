import type { Template } from "aws-cdk-lib/assertions";

export type Resource = Readonly<{
	Type: string;
	// biome-ignore lint/suspicious/noExplicitAny: CloudFormation properties, read where they are asserted.
	Properties: Record<string, any>;
	DeletionPolicy?: string;
	UpdateReplacePolicy?: string;
}>;

type Resources = Readonly<Record<string, Resource & { Metadata?: { "aws:cdk:path"?: string } }>>;

const resourcesOf = (template: Template): Resources => template.toJSON()["Resources"];

const pathOf = (resource: Resources[string] | undefined): string =>
	(resource?.Metadata?.["aws:cdk:path"] ?? "").replace(/^[^/]+\//, "").replace(/\/Resource$/, "");

/** Resources of one type by their place in the construct tree, such as `Lanes/High`. */
export const resourcesByPath = (template: Template, type: string): Record<string, Resource> =>
	Object.fromEntries(
		Object.values(resourcesOf(template))
			.filter((resource) => resource.Type === type)
			.map((resource) => [pathOf(resource), resource]),
	);

/** The one resource of its type. */
export const onlyResource = (template: Template, type: string): Resource => {
	const found = Object.values(resourcesByPath(template, type));
	if (found.length !== 1 || !found[0]) throw new Error(`${found.length} resources of type ${type}, not 1`);
	return found[0];
};

/** A property's value as a person would write it: references become paths, `Fn::Join` its text. */
export const readable = (template: Template, value: unknown): unknown => {
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map((each) => readable(template, each));
	const [key, operand] = Object.entries(value)[0] ?? [];
	const path = (id: unknown): string => pathOf(resourcesOf(template)[String(id)]) || String(id);
	if (key === "Ref") return `<${path(operand)}>`;
	if (key === "Fn::GetAtt") return `<${path(operand[0])}>`;
	if (key === "Fn::Join") return (readable(template, operand[1]) as string[]).join(operand[0]);
	return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, readable(template, each)]));
};
