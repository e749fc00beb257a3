/** A worker fleet in a process of its own, told what to do over IPC: `fleet-process.ts <concurrency>`. */
import type { Order } from "./fleet-remote.ts";
import { openFleetStage } from "./fleet-stage.ts";

const { fleet, configure, create } = await openFleetStage(Number(process.argv[2]));

const follow = (order: Order): Promise<unknown> => {
	if (order.kind === "configure") return configure(order.queue, order.settings);
	if (order.kind === "create") return create(order);
	return Promise.resolve(fleet.killPump());
};

process.on("message", async (order: Order) => {
	const result = await follow(order);
	process.send?.({ result });
});
process.once("disconnect", () => process.exit(0));
process.send?.({ result: "ready" });
