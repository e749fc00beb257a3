import { interruptAndRestart } from "../../test/support/interruption.ts";
import type { Figures } from "../figures.ts";

/** SIGKILL while creates and deliveries run, then a restart on the same folder. Starts its own server. */
export const crash = async (): Promise<Figures> => {
	const figures = await interruptAndRestart({ by: "kill", tasks: 2_000, answerMs: 20 });
	return {
		crashAccepted: figures.accepted,
		crashMissing: figures.missing,
		crashInFlight: figures.inFlight,
		crashDuplicates: figures.duplicates,
		crashExcessDuplicates: Math.max(0, figures.duplicates - figures.inFlight),
		crashSlowestSeconds: figures.slowestMs / 1_000,
	};
};
