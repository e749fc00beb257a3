import { describe, expect, it } from "vitest";
import { WorkMessage } from "../../lambda/core/work-message.ts";
import { NOW } from "./a-task.ts";

const about = { team_id: "team-a", queue: "emails", due_at: NOW };

describe("a work message", () => {
	it("calls a pump or moves a job on", () => {
		expect(WorkMessage.parse({ kind: "pump", ...about })).toEqual({ kind: "pump", ...about });
		const job = { kind: "job", ...about, job_id: "job_1" };
		expect(WorkMessage.parse(job)).toEqual(job);
	});

	it.each([
		{ ...about },
		{ kind: "deliver", ...about },
		{ kind: "job", ...about },
		{ kind: "pump", ...about, due_at: -1 },
		{ kind: "pump", ...about, queue: "" },
	])("is not %j", (message) => {
		expect(WorkMessage.safeParse(message).success).toBe(false);
	});
});
