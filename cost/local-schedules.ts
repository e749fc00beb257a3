import type { ServiceCall } from "./local-service.ts";

/** `fireAt` is epoch ms. */
export type Schedule = Readonly<{ fireAt: number; targetArn: string; input: string }>;

const instantOf = (expression: string): number => {
	const at = /^at\((.+)\)$/.exec(expression)?.[1];
	if (at === undefined) throw new Error(`${expression} is no one-time schedule`);
	return Date.parse(`${at}Z`);
};

/** EventBridge Scheduler as the adapter sees it. */
export class LocalSchedules {
	#schedules: Schedule[] = [];

	answer({ path, body }: ServiceCall): unknown {
		const target = body["Target"] as { Arn: string; Input: string };
		const fireAt = instantOf(String(body["ScheduleExpression"]));
		this.#schedules.push({ fireAt, targetArn: target.Arn, input: target.Input });
		return { ScheduleArn: `arn:aws:scheduler:us-east-1:000000000000:schedule${path}` };
	}

	/** All that wait, to be fired. */
	take(): readonly Schedule[] {
		const taken = this.#schedules;
		this.#schedules = [];
		return taken;
	}
}
