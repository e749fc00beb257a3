// pino would write through a worker thread, if it were asked to. Lambda reads standard output.
module.exports = class {
	constructor() {
		throw new Error("no worker threads here");
	}
};
