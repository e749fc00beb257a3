import type { Template } from "aws-cdk-lib/assertions";
import { readable, resourcesByPath } from "./resources.ts";

type Statement = Readonly<{
	Effect: "Allow" | "Deny";
	Action: string | string[];
	Resource: string | string[];
	Condition?: unknown;
}>;

/** One thing that a role may do, to what, and under which condition. */
type Permission = Readonly<{ action: string; resource: string; condition: unknown }>;

const list = <Value>(value: Value | readonly Value[]): readonly Value[] =>
	Array.isArray(value) ? value : [value as Value];

const policies = (template: Template) => Object.values(resourcesByPath(template, "AWS::IAM::Policy"));

/** The roles that policies are attached to; policies that are attached to anything else are an error. */
export const rolesWithPolicies = (template: Template): string[] =>
	policies(template).flatMap(({ Properties: { Roles = [], Users = [], Groups = [] } }) => {
		if (Users.length + Groups.length > 0) throw new Error("A policy is not that of a role");
		return (readable(template, Roles) as string[]).map((role) => role.replace(/^<(.+)>$/, "$1"));
	});

/** The statements of every policy that a role has, in readable form. */
const statementsOf = (template: Template, rolePath: string): Statement[] => {
	const role = resourcesByPath(template, "AWS::IAM::Role")[rolePath];
	if (!role) throw new Error(`There is no role ${rolePath}`);
	const { ManagedPolicyArns = [], Policies = [] } = role.Properties;
	if (ManagedPolicyArns.length + Policies.length > 0)
		throw new Error(`${rolePath} has policies of another kind`);
	return policies(template)
		.filter(({ Properties }) => list(readable(template, Properties["Roles"])).includes(`<${rolePath}>`))
		.flatMap(({ Properties }) => readable(template, Properties["PolicyDocument"].Statement) as Statement[]);
};

/** Every pair of action and resource that a role is allowed, each with its condition. */
export const grantsOf = (template: Template, rolePath: string): Permission[] =>
	statementsOf(template, rolePath).flatMap(({ Effect, Action, Resource, Condition, ...rest }) => {
		if (Effect !== "Allow") throw new Error(`${rolePath} has a ${Effect} statement`);
		if (Object.keys(rest).length > 0) throw new Error(`${rolePath} has ${Object.keys(rest)} in a statement`);
		return list(Action).flatMap((action) =>
			list(Resource).map((resource) => ({ action, resource, condition: Condition })),
		);
	});

/** What a role may do: action → resources. Conditions are listed apart. */
export const permissionsOf = (template: Template, rolePath: string): Record<string, string[]> => {
	const permissions: Record<string, string[]> = {};
	for (const { action, resource } of grantsOf(template, rolePath))
		permissions[action] = [...(permissions[action] ?? []), resource].toSorted();
	return permissions;
};
