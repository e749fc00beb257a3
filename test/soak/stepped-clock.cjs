// Preloaded into the server under test: its wall clock is the machine's plus an offset that the soak sets over IPC.
// The monotonic clock goes on evenly, as it does when somebody sets the time, unless the soak lets time pass: then both
// are further on. Timers are left alone.
const RealDate = Date;
const realNow = performance.now.bind(performance);
let offsetMs = Number(process.env.SOAK_CLOCK_OFFSET_MS ?? 0);
let passedMs = 0;

performance.now = () => realNow() + passedMs;

globalThis.Date = class SteppedDate extends RealDate {
	constructor(...parts) {
		if (parts.length === 0) super(RealDate.now() + offsetMs);
		else super(...parts);
	}

	static now() {
		return RealDate.now() + offsetMs;
	}
};

process.on("message", (order) => {
	if (order.offsetMs !== undefined) offsetMs = order.offsetMs;
	if (order.passedMs !== undefined) passedMs = order.passedMs;
	const { rss, heapUsed } = process.memoryUsage();
	if (process.connected) process.send({ offsetMs, rss, heapUsed });
});
process.channel.unref();
// Whoever started the soak is gone: the server does not outlive it.
process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
