/** API keys, with as much left as may be shown to tell them apart, and signatures. */
const SECRETS = /(aq_(?:live|test)_[\w-]{4})[\w-]+|(v1[=,])[\w+/=-]{20,}/g;

/**
 * A text for logs or error messages without what looks like an API key or a signature. The last line of defence: nothing
 * puts secrets there on purpose, but a client may take a key for an id, which is then part of a path.
 */
export const blackOut = (text: string): string => text.replace(SECRETS, "$1$2…");
