/** A price of AWS. `usdPerMillion` is per million of `per`, without free tier and volume discounts. */
export type Price = Readonly<{ usdPerMillion: number; per: string; source: string; note?: string }>;

/** When these prices were read, and where they hold. */
export const PRICES_READ_ON = "2026-11-23";
export const PRICES_REGION = "us-east-1";

const PRICE_LIST = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws";

/** On-demand prices in dollars. */
export const prices = {
	httpApiRequest: {
		usdPerMillion: 1,
		per: "request of up to 512 KB",
		source: "https://aws.amazon.com/api-gateway/pricing/",
		note: "price list AmazonApiGateway 20260921231404",
	},
	lambdaRequest: { usdPerMillion: 0.2, per: "invocation", source: "https://aws.amazon.com/lambda/pricing/" },
	lambdaGbSecond: {
		usdPerMillion: 13.3334,
		per: "GB-second, arm64",
		source: "https://aws.amazon.com/lambda/pricing/",
	},
	dynamoDbWrite: {
		usdPerMillion: 0.625,
		per: "write request unit (1 KB)",
		source: `${PRICE_LIST}/AmazonDynamoDB/current/index.json`,
		note: "price list AmazonDynamoDB 20260911124422",
	},
	dynamoDbRead: {
		usdPerMillion: 0.125,
		per: "read request unit (4 KB; half of one if eventually consistent)",
		source: `${PRICE_LIST}/AmazonDynamoDB/current/index.json`,
		note: "price list AmazonDynamoDB 20260911124422",
	},
	sqsRequest: {
		usdPerMillion: 0.4,
		per: "API call of up to 64 KB, standard queue",
		source: `${PRICE_LIST}/AWSQueueService/current/index.json`,
		note: "price list AWSQueueService 20260911124607, SKU 8RN6B8U4MERHRXP3",
	},
	sqsFairRequest: {
		usdPerMillion: 0.1,
		per: "API call with a message group, on top",
		source: "https://cloudburn.io/blog/amazon-sqs-pricing",
		note: "also in the price list as queueType=Fair; AWS does not say whether receives and deletes carry it",
	},
	schedulerInvocation: {
		usdPerMillion: 1,
		per: "invocation of a target",
		source: "https://aws.amazon.com/eventbridge/pricing/",
		note: "creating and deleting schedules is not billed",
	},
	kmsRequest: {
		usdPerMillion: 3,
		per: "request",
		source: `${PRICE_LIST}/awskms/current/index.json`,
		note: "$0.03 per 10,000; price list 20260911124601",
	},
	logKilobyte: {
		usdPerMillion: 0.5,
		per: "KB of log ingested, standard class",
		source: "https://aws.amazon.com/cloudwatch/pricing/",
		note: "$0.50 per GB; lines in the embedded metric format are billed as logs",
	},
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof prices;
