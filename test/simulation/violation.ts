/** A promise that was broken. `ids` are the tasks, queues and processes that it is about. */
export type Violation = Readonly<{ invariant: string; what: string; ids: readonly string[] }>;
