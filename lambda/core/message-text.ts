import type * as z from "zod";

const parseJson = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

/**
 * The message that a queue's text holds. What is none can be anything, a secret too, and errors are logged: the one
 * that is thrown quotes nothing of it, as those of JSON.parse and of the schema would.
 */
export const readMessage = <Message>(schema: z.ZodType<Message>, text: string): Message => {
	const { data } = schema.safeParse(parseJson(text));
	if (data === undefined) throw new Error(`What came is no message of ours (${text.length} characters)`);
	return data;
};
