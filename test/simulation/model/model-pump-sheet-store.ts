import { EMPTY_SHEET, type PumpSheet } from "../../../lambda/core/pump-sheet.ts";
import type { QueueKey } from "../../../lambda/core/queue.ts";
import type { PumpSheetStore } from "../../../lambda/ports.ts";
import { TeamMap } from "./team-map.ts";

/** Pump sheets as a map. */
export class ModelPumpSheetStore implements PumpSheetStore {
	readonly #sheets = new TeamMap<PumpSheet>();

	async read(queue: QueueKey): Promise<PumpSheet> {
		return this.peek(queue);
	}

	async write(queue: QueueKey, sheet: PumpSheet): Promise<boolean> {
		if (sheet.version !== this.peek(queue).version) return false;
		this.#sheets.set(queue.teamId, queue.name, { ...sheet, version: sheet.version + 1 });
		return true;
	}

	/** The sheet as it is at this moment, for whoever checks the world from outside. */
	peek({ teamId, name }: QueueKey): PumpSheet {
		return this.#sheets.get(teamId, name) ?? EMPTY_SHEET;
	}
}
