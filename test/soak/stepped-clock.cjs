// Preloaded into the server under test: its wall clock is the machine's plus an offset that the soak sets over IPC.
// Timers are left alone: they follow the monotonic clock, which does not step when somebody sets the time.
const RealDate = Date;
let offsetMs = Number(process.env.SOAK_CLOCK_OFFSET_MS ?? 0);

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
	const { rss, heapUsed } = process.memoryUsage();
	if (process.connected) process.send({ offsetMs, rss, heapUsed });
});
process.channel.unref();
// Whoever started the soak is gone: the server does not outlive it.
process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
