import type { DeliveryMessage } from "../../lambda/core/delivery-message.ts";
import type { WorkMessage } from "../../lambda/core/work-message.ts";
import type { Cluster } from "./cluster.ts";
import type { ModelMessage } from "./model/model-message-queue.ts";
import type { Disaster } from "./plan.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** How long the world stands still in a jump, in ms. */
const JUMPS = [400, 5_000, 60_000, 400_000];

const chosen = <Value>(values: readonly Value[], pick: number): Value | undefined =>
	values.length === 0 ? undefined : values[pick % values.length];

/** A message is given up as if it had been received too often. */
const bury = ({ world }: Cluster, pick: number): void => {
	const messages: readonly ModelMessage<DeliveryMessage | WorkMessage>[] = [
		...world.messages.all(),
		...world.workMessages.all(),
	];
	const message = chosen(messages, pick);
	if (!message) return;
	world.messages.delete([message.messageId]);
	world.workMessages.delete([message.messageId]);
	world.deadLetters.accept(message);
};

const duplicate = ({ world }: Cluster, pick: number, now: number): void => {
	const delivery = chosen(world.messages.all(), pick);
	if (delivery) world.messages.duplicate(delivery.messageId, Math.max(now, delivery.visibleAt));
	const work = chosen(world.workMessages.all(), pick);
	if (work) world.workMessages.duplicate(work.messageId, Math.max(now, work.visibleAt));
};

/** Lets something befall the service as a whole. */
export const strike = ({ kind, pick }: Disaster, cluster: Cluster, time: VirtualTime): void => {
	const { world } = cluster;
	switch (kind) {
		case "purge":
			world.messages.purge();
			break;
		case "purge_work":
			world.workMessages.purge();
			break;
		case "bury":
			bury(cluster, pick);
			break;
		case "duplicate":
			duplicate(cluster, pick, time.now());
			break;
		case "jump":
			time.jump(chosen(JUMPS, pick) ?? 0);
			break;
		case "kill":
			chosen(cluster.hosts, pick)?.kill();
			break;
	}
	cluster.arm();
};
