import { describe, expect, test } from "vitest";
import { grantsOf, permissionsOf, rolesWithPolicies } from "./permissions.ts";
import { onlyResource, readable, resourcesByPath } from "./resources.ts";
import { synthesize } from "./synthesis.ts";

const template = synthesize();

const LANES = ["<Lanes/High>", "<Lanes/Low>", "<Lanes/Normal>"];
const DRAINED = [
	"<DeadLetters/High>",
	"<DeadLetters/Low>",
	"<DeadLetters/Normal>",
	"<DeadLetters/Schedules>",
	"<DeadLetters/Work>",
];
const WORK = "<WorkQueue/Queue>";
const LANES_AND_WORK = [...LANES, WORK];
const TABLE = ["<Storage/Table>"];
const SCHEDULES = [
	"arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/<Schedule/Group>/*",
];
const SCHEDULER_ROLE = ["<Schedule/Role>"];
const KEY = ["<SigningKey/Key>"];

const logging = (log: string) => ({ "logs:CreateLogStream": [log], "logs:PutLogEvents": [log] });

const consuming = (queues: string[]) => ({
	"sqs:ReceiveMessage": queues,
	"sqs:ChangeMessageVisibility": queues,
	"sqs:DeleteMessage": queues,
	"sqs:GetQueueAttributes": queues,
	"sqs:GetQueueUrl": queues,
});

describe("a role may do what its job needs and nothing else:", () => {
	test("the API", () => {
		expect(permissionsOf(template, "Api/ApiRole")).toStrictEqual({
			...logging("<Api/ApiLog>"),
			"dynamodb:DeleteItem": TABLE,
			"dynamodb:GetItem": TABLE,
			"dynamodb:PutItem": TABLE,
			"dynamodb:Query": [...TABLE, "<Storage/Table>/index/failed"],
			"dynamodb:UpdateItem": TABLE,
			"sqs:SendMessage": LANES_AND_WORK,
			"scheduler:CreateSchedule": SCHEDULES,
			"scheduler:DeleteSchedule": SCHEDULES,
			"iam:PassRole": SCHEDULER_ROLE,
			"kms:Decrypt": KEY,
			"kms:GenerateDataKey": KEY,
		});
	});

	test("delivery", () => {
		expect(permissionsOf(template, "Delivery/DeliverRole")).toStrictEqual({
			...logging("<Delivery/DeliverLog>"),
			...consuming(LANES),
			"dynamodb:BatchWriteItem": TABLE,
			"dynamodb:GetItem": TABLE,
			"dynamodb:PutItem": TABLE,
			"dynamodb:Query": TABLE,
			"dynamodb:UpdateItem": TABLE,
			"sqs:SendMessage": LANES_AND_WORK,
			"scheduler:CreateSchedule": SCHEDULES,
			"iam:PassRole": SCHEDULER_ROLE,
			"kms:Decrypt": KEY,
		});
	});

	test("work", () => {
		expect(permissionsOf(template, "Work/WorkRole")).toStrictEqual({
			...logging("<Work/WorkLog>"),
			...consuming([WORK]),
			"dynamodb:BatchWriteItem": TABLE,
			"dynamodb:DeleteItem": TABLE,
			"dynamodb:GetItem": TABLE,
			"dynamodb:PutItem": TABLE,
			"dynamodb:Query": [...TABLE, "<Storage/Table>/index/failed"],
			"dynamodb:UpdateItem": TABLE,
			"sqs:SendMessage": LANES_AND_WORK,
			"scheduler:CreateSchedule": SCHEDULES,
			"scheduler:DeleteSchedule": SCHEDULES,
			"iam:PassRole": SCHEDULER_ROLE,
			"kms:Decrypt": KEY,
		});
	});

	test("the drain", () => {
		expect(permissionsOf(template, "DeadLetterDrain/DrainRole")).toStrictEqual({
			...logging("<DeadLetterDrain/DrainLog>"),
			...consuming(DRAINED),
			"dynamodb:GetItem": TABLE,
			"dynamodb:PutItem": TABLE,
			"dynamodb:Query": TABLE,
			"dynamodb:UpdateItem": TABLE,
			"sqs:SendMessage": LANES_AND_WORK,
			"scheduler:CreateSchedule": SCHEDULES,
			"iam:PassRole": SCHEDULER_ROLE,
			"kms:Decrypt": KEY,
		});
	});

	test("reconciliation", () => {
		expect(permissionsOf(template, "Reconcile/ReconcileRole")).toStrictEqual({
			...logging("<Reconcile/ReconcileLog>"),
			"dynamodb:GetItem": TABLE,
			"dynamodb:Query": TABLE,
			"dynamodb:Scan": TABLE,
			"dynamodb:UpdateItem": TABLE,
			"sqs:SendMessage": LANES_AND_WORK,
		});
	});

	test("EventBridge Scheduler", () => {
		expect(permissionsOf(template, "Schedule/Role")).toStrictEqual({
			"sqs:SendMessage": ["<DeadLetters/Schedules>", ...LANES],
		});
	});

	test("and there is no other role", () => {
		expect(Object.keys(resourcesByPath(template, "AWS::IAM::Role")).toSorted()).toStrictEqual([
			"Api/ApiRole",
			"DeadLetterDrain/DrainRole",
			"Delivery/DeliverRole",
			"Reconcile/ReconcileRole",
			"Schedule/Role",
			"Work/WorkRole",
		]);
	});
});

const ROLES = Object.keys(resourcesByPath(template, "AWS::IAM::Role"));

test("no role has a wildcard, but for the names of schedules, which are not known beforehand", () => {
	for (const role of ROLES) {
		for (const [action, resources] of Object.entries(permissionsOf(template, role))) {
			expect(action).not.toContain("*");
			const wild = resources.filter((resource) => resource.includes("*"));
			expect(wild).toStrictEqual(/^scheduler:/.test(action) ? SCHEDULES : []);
		}
	}
});

test("no policy is that of anything but these roles, and each is written down in full", () => {
	expect(rolesWithPolicies(template).toSorted()).toStrictEqual(ROLES.toSorted());
	const others = ["ManagedPolicy", "RolePolicy", "UserPolicy", "GroupPolicy", "User", "Group", "AccessKey"];
	for (const kind of others) expect(resourcesByPath(template, `AWS::IAM::${kind}`)).toStrictEqual({});
});

test("no setting changes what roles may do", () => {
	const settings = {
		frontDoor: "function-url",
		stage: "prod",
		teamRateLimit: "600/60",
		apiConcurrency: "50",
	};
	const changed = synthesize(settings);
	expect(Object.keys(resourcesByPath(changed, "AWS::IAM::Role"))).toStrictEqual(ROLES);
	for (const role of ROLES) expect(grantsOf(changed, role)).toStrictEqual(grantsOf(template, role));
});

test("only roles that sign, or find out whether that is possible, and the API that makes keys, may ask KMS", () => {
	const asking = ROLES.filter((role) =>
		grantsOf(template, role).some(({ action }) => action.startsWith("kms:")),
	);
	expect(asking.toSorted()).toStrictEqual([
		"Api/ApiRole",
		"DeadLetterDrain/DrainRole",
		"Delivery/DeliverRole",
		"Work/WorkRole",
	]);
});

test("the KMS key itself trusts this account's IAM and nobody else", () => {
	const { KeyPolicy } = onlyResource(template, "AWS::KMS::Key").Properties;
	expect(readable(template, KeyPolicy.Statement)).toStrictEqual([
		{
			Action: "kms:*",
			Effect: "Allow",
			Principal: { AWS: "arn:<AWS::Partition>:iam::<AWS::AccountId>:root" },
			Resource: "*",
		},
	]);
});

test("functions are invoked by their front door and their rule, each for its own source", () => {
	const invokers = Object.values(resourcesByPath(template, "AWS::Lambda::Permission")).map(({ Properties }) =>
		readable(template, Properties),
	);
	expect(invokers).toStrictEqual([
		{
			Action: "lambda:InvokeFunction",
			FunctionName: "<Api/Api>",
			Principal: "apigateway.amazonaws.com",
			SourceArn: "arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<Api/HttpApi>/*/*",
		},
		{
			Action: "lambda:InvokeFunction",
			FunctionName: "<Reconcile/Reconcile>",
			Principal: "events.amazonaws.com",
			SourceArn: "<Reconcile/Daily>",
		},
	]);
});

describe("roles are lent", () => {
	test("to EventBridge Scheduler: the one for schedules, for this group only", () => {
		const { Properties } = resourcesByPath(template, "AWS::IAM::Role")["Schedule/Role"] ?? {};

		expect(readable(template, Properties?.["AssumeRolePolicyDocument"].Statement)).toStrictEqual([
			{
				Action: "sts:AssumeRole",
				Effect: "Allow",
				Principal: { Service: "scheduler.amazonaws.com" },
				Condition: {
					StringEquals: { "aws:SourceAccount": "<AWS::AccountId>", "aws:SourceArn": "<Schedule/Group>" },
				},
			},
		]);
	});

	test("to Lambda: those of the functions", () => {
		for (const role of ROLES.filter((path) => path !== "Schedule/Role")) {
			const { Properties } = resourcesByPath(template, "AWS::IAM::Role")[role] ?? {};
			expect(Properties?.["AssumeRolePolicyDocument"].Statement).toStrictEqual([
				{ Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" } },
			]);
		}
	});
});
