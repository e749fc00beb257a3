/**
 * One measurement, in a process of its own: load generator and webhook receiver share it, the subject does not.
 * `measure.ts <load> <subject>`, started by `run.ts`, sends the figures to its parent and ends.
 */
import type { Figures } from "./figures.ts";
import { concurrency } from "./loads/concurrency.ts";
import { crash } from "./loads/crash.ts";
import { delay } from "./loads/delay.ts";
import { memory } from "./loads/memory.ts";
import { neighbour, neighbourFleet } from "./loads/neighbour.ts";
import { paced } from "./loads/paced.ts";
import { rate } from "./loads/rate.ts";
import { redrive } from "./loads/redrive.ts";
import { throughput } from "./loads/throughput.ts";
import type { LoadName } from "./loads.ts";
import { withOtherLoad } from "./other-load.ts";
import { type Subject, type SubjectName, startSubject } from "./subject.ts";

const loadsOnSubject = { throughput, paced, delay, memory };

/** These start what they need themselves. */
const loadsOfTheirOwn = { crash, neighbour, neighbourFleet, rate, concurrency, redrive };

const isOfItsOwn = (load: LoadName): load is keyof typeof loadsOfTheirOwn => load in loadsOfTheirOwn;

const measure = async (load: LoadName, subjectName: SubjectName): Promise<Figures> => {
	if (isOfItsOwn(load)) return loadsOfTheirOwn[load]();
	const subject: Subject = await startSubject(subjectName);
	const { result, othersCores } = await withOtherLoad(subject.pid, () => loadsOnSubject[load](subject));
	await subject.end();
	return { ...result, othersCores };
};

// Exiting ends the subject and removes its folder, whatever the reason.
for (const signal of ["SIGINT", "SIGTERM", "disconnect"]) process.once(signal, () => process.exit(1));

const [, , load, subjectName] = process.argv;
const figures = await measure(load as LoadName, subjectName as SubjectName);
process.send?.(figures, () => process.exit(0));
