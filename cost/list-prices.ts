/** What others ask for a million delivered tasks, one attempt each, by their public price lists. */
export type ListPrice = Readonly<{
	name: string;
	usdPerMillion: number;
	how: string;
	source: string;
	note?: string;
}>;

export const LIST_PRICES_READ_ON = "2026-11-23";

export const listPrices: readonly ListPrice[] = [
	{
		name: "Google Cloud Tasks",
		usdPerMillion: 0.8,
		how: "$0.40 per million operations; a task is two, a retry one more",
		source: "https://cloud.google.com/tasks/pricing",
	},
	{
		name: "EventBridge Scheduler + API destination",
		usdPerMillion: 2.2,
		how: "$1.00 schedule, $1.00 event, $0.20 call; to the minute, 5 s timeout",
		source: "https://aws.amazon.com/eventbridge/pricing/",
		note: "the price of the call is not confirmed",
	},
	{
		name: "Upstash QStash",
		usdPerMillion: 10,
		how: "pay as you go, $1 per 100,000 messages",
		source: "https://upstash.com/pricing/qstash",
	},
	{
		name: "Svix",
		usdPerMillion: 100,
		how: "$0.0001 per message above what the plan includes",
		source: "https://www.svix.com/pricing/",
		note: "as transcribed by api-evangelist/svix on 2026-09-20",
	},
];
