import { describe, expect, it } from "vitest";
import * as z from "zod";
import { readMessage } from "../../lambda/core/message-text.ts";

const Message = z.strictObject({ task_id: z.string() });

describe("the text of a message", () => {
	it("is read as what it should be", () => {
		expect(readMessage(Message, '{"task_id":"task_1"}')).toEqual({ task_id: "task_1" });
	});

	it.each(["hush-hush", '"hush-hush"', '{"task_id":1,"hush-hush":"hush-hush"}'])(
		"that is something else (%s) is refused without a word of it",
		(text) => {
			expect(() => readMessage(Message, text)).toThrow("no message of ours");
			expect(() => readMessage(Message, text)).not.toThrow("hush");
		},
	);
});
