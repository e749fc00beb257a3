import { openEmbeddedWorld } from "../../lambda/adapters/embedded/embedded-world.ts";
import { systemClock } from "../../lambda/adapters/system.ts";
import { messageFor } from "../../lambda/core/delivery-message.ts";
import { claimOf } from "./task-transitions.ts";
import { uniqueTask } from "./unique-tasks.ts";

/**
 * A process that opens a data folder, stores a task, receives its message and claims it, prints the task and
 * the number of timers that keep the process alive as JSON when that is committed, and then does what it was told: `stay` until it is killed, or `end` without closing anything.
 */
const [, , folder = "", then = "stay"] = process.argv;

const { database, stores, messages } = openEmbeddedWorld({ folder, clock: systemClock });
const task = uniqueTask({ dueAt: systemClock.now() });
await stores.tasks.put(task);
await stores.deliveryQueue.send([messageFor(task)]);
messages.receive(systemClock.now(), 10);
await stores.tasks.claim(claimOf(task));
await database.committed();
const timers = process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
console.log(JSON.stringify({ task, timers }));
if (then === "stay") setInterval(() => undefined, 60_000);
