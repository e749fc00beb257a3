import {
	patchedSettings,
	type Queue,
	type QueueKey,
	type QueueSettings,
	type QueueSettingsPatch,
} from "../core/queue.ts";
import type { Ports } from "../ports.ts";
import { findQueue, queueNotFound } from "./get-queue.ts";
import { putInForce } from "./settings-in-force.ts";

/** Stores what `change` makes of the settings, whoever else changes them; undefined when there is no such queue. */
export const replaceSettings = async (
	ports: Ports,
	key: QueueKey,
	change: (settings: QueueSettings) => QueueSettings,
): Promise<Queue | undefined> => {
	for (;;) {
		const old = await findQueue(ports, key);
		if (!old) return undefined;
		const updatedAt = Math.max(ports.clock.now(), old.updatedAt + 1);
		const stored = await ports.queues.replace(
			{ ...old, settings: change(old.settings), updatedAt },
			old.updatedAt,
		);
		if (stored) return stored;
	}
};

/** Changes the settings that `patch` names. Throws `queue_not_found`. */
export const patchQueue = async (ports: Ports, key: QueueKey, patch: QueueSettingsPatch): Promise<Queue> => {
	const queue = await replaceSettings(ports, key, (settings) => patchedSettings(settings, patch));
	if (!queue) throw queueNotFound(key.name);
	await putInForce(ports, queue);
	return queue;
};
