/** A message as it was handed out: its id in the table, and how many rollbacks there had been. */
type HandedOut = readonly [id: number, rollbacks: number];

/** The name under which a message is handed out after so many rollbacks. */
export const messageIdAfter = (rollbacks: number, id: number): string => `${id}-${rollbacks}`;

/**
 * Which of these messages were handed out after the last rollback. What was done with the others may be gone with it, so
 * they are not to be deleted.
 */
export const handedOutAfter = (rollbacks: number, messageIds: readonly string[]): HandedOut[] =>
	messageIds
		.map((messageId) => messageId.split("-").map(Number) as [number, number])
		.filter(([, before]) => before === rollbacks);
