import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GenerateDataKeyCommand } from "@aws-sdk/client-kms";
import { CreateScheduleCommand } from "@aws-sdk/client-scheduler";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toOwnFault } from "../../lambda/adapters/aws/aws-faults.ts";
import { type AwsClients, awsClients } from "../../lambda/adapters/aws/clients.ts";
import { AsyncQueueError } from "../../lambda/core/errors.ts";

let server: Server;
let requests: { host: string | undefined; path: string | undefined }[];
let connections: number;
let respond: RequestListener;

beforeEach(async () => {
	requests = [];
	connections = 0;
	server = createServer((request, response) => {
		requests.push({ host: request.headers.host, path: request.url });
		request.resume().on("end", () => respond(request, response));
	});
	server.on("connection", () => {
		connections += 1;
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
	vi.stubEnv("AWS_REGION", "eu-west-1");
	vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
	vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
});
afterEach(() => {
	vi.unstubAllEnvs();
	server.closeAllConnections();
	server.close();
});

const answering =
	(status: number, body: unknown): RequestListener =>
	(_, response) => {
		response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
	};

const getItem = ({ dynamodb }: AwsClients) =>
	dynamodb.send(new GetItemCommand({ TableName: "table", Key: { pk: { S: "a" } } }));

const faultOf = async (call: Promise<unknown>): Promise<unknown> =>
	call.then(
		() => undefined,
		(error: unknown) => error,
	);

describe("the AWS clients", () => {
	it("keep one connection open for calls in a row", async () => {
		respond = answering(200, {});
		const clients = awsClients();
		for (let call = 0; call < 3; call += 1) await getItem(clients);
		expect(requests).toHaveLength(3);
		expect(connections).toBe(1);
	});

	it("reach a queue at the endpoint, whatever host its URL names", async () => {
		const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
		respond = answering(200, { MessageId: "1", MD5OfMessageBody: "0cc175b9c0f1b6a831c399e269772661" });
		const QueueUrl = "http://localhost:4566/000000000000/q";
		await awsClients().sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "a" }));
		expect(requests[0]?.host).toMatch(/^127\.0\.0\.1:/);
		expect(warn).not.toHaveBeenCalled();
		warn.mockRestore();
	});

	it.each([
		["a fault on AWS's side", answering(500, { __type: "InternalServerError" })],
		["throttling", answering(400, { __type: "ThrottlingException" })],
		["exhausted throughput", answering(400, { __type: "ProvisionedThroughputExceededException" })],
		["a dropped connection", ((request) => request.socket.destroy()) as RequestListener],
	])("try three times and then report %s as unavailable", async (_, listener) => {
		respond = listener;
		const fault = await faultOf(getItem(awsClients()));
		expect(fault).toBeInstanceOf(AsyncQueueError);
		expect(fault).toMatchObject({
			code: "unavailable",
			headers: { "retry-after": "1" },
			cause: expect.any(Error),
		});
		expect(requests).toHaveLength(3);
	});

	it("do not wait for an answer for ever", { timeout: 20_000 }, async () => {
		respond = () => undefined;
		const startedAt = performance.now();
		const fault = await faultOf(getItem(awsClients()));
		expect(fault).toMatchObject({
			code: "unavailable",
			cause: expect.objectContaining({ name: "TimeoutError" }),
		});
		expect(requests).toHaveLength(3);
		expect(performance.now() - startedAt).toBeLessThan(12_000);
	});

	it("leave our own mistakes as they are, after one try", async () => {
		respond = answering(400, { __type: "ValidationException", message: "one value is wrong" });
		const fault = await faultOf(getItem(awsClients()));
		expect(fault).toMatchObject({ name: "ValidationException", message: "one value is wrong" });
		expect(requests).toHaveLength(1);
	});

	it("do not pass off a request that cannot even be written down as unavailable", () => {
		const mistake = new TypeError("Cannot read properties of undefined");
		expect(toOwnFault(mistake)).toBe(mistake);
	});

	it("do all of this for every service", async () => {
		respond = answering(503, {});
		const { sqs, kms, scheduler } = awsClients();
		const faults = await Promise.all([
			faultOf(sqs.send(new SendMessageCommand({ QueueUrl: "http://localhost/1/q", MessageBody: "a" }))),
			faultOf(kms.send(new GenerateDataKeyCommand({ KeyId: "key" }))),
			faultOf(
				scheduler.send(
					new CreateScheduleCommand({
						Name: "a",
						ScheduleExpression: "at(2030-01-01T00:00:00)",
						FlexibleTimeWindow: { Mode: "OFF" },
						Target: { Arn: "arn:aws:sqs:eu-west-1:1:q", RoleArn: "arn:aws:iam::1:role/r" },
					}),
				),
			),
		]);
		for (const fault of faults) expect(fault).toMatchObject({ code: "unavailable" });
	});
});
