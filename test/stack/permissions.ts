import type { Template } from "aws-cdk-lib/assertions";
import { readable, resourcesByPath } from "./resources.ts";

type Statement = Readonly<{
	Effect: "Allow" | "Deny";
	Action: string | string[];
	Resource: string | string[];
	Condition?: unknown;
}>;

const list = <Value>(value: Value | readonly Value[]): readonly Value[] =>
	Array.isArray(value) ? value : [value as Value];

/** The statements of every policy that a role has, in readable form. */
const statementsOf = (template: Template, rolePath: string): Statement[] => {
	const role = resourcesByPath(template, "AWS::IAM::Role")[rolePath];
	if (!role) throw new Error(`There is no role ${rolePath}`);
	const { ManagedPolicyArns = [], Policies = [] } = role.Properties;
	if (ManagedPolicyArns.length + Policies.length > 0)
		throw new Error(`${rolePath} has policies of another kind`);
	return Object.values(resourcesByPath(template, "AWS::IAM::Policy"))
		.filter(({ Properties }) => list(readable(template, Properties["Roles"])).includes(`<${rolePath}>`))
		.flatMap(({ Properties }) => readable(template, Properties["PolicyDocument"].Statement) as Statement[]);
};

/** What a role may do: action → resources. Conditions are listed apart. */
export const permissionsOf = (template: Template, rolePath: string): Record<string, string[]> => {
	const permissions: Record<string, string[]> = {};
	for (const { Effect, Action, Resource } of statementsOf(template, rolePath)) {
		if (Effect !== "Allow") throw new Error(`${rolePath} has a ${Effect} statement`);
		for (const action of list(Action))
			permissions[action] = [...(permissions[action] ?? []), ...list(Resource)].toSorted();
	}
	return permissions;
};

/** The conditions under which a role may do something. */
export const conditionsOf = (template: Template, rolePath: string, action: string): unknown[] =>
	statementsOf(template, rolePath)
		.filter(({ Action }) => list(Action).includes(action))
		.map(({ Condition }) => Condition);
