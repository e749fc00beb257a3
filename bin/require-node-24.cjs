// Loaded before the TypeScript entry points, which older versions of Node cannot even parse: plain CommonJS.
const REQUIRED_MAJOR = 24;
const major = Number(process.versions.node.split(".")[0]);

if (major < REQUIRED_MAJOR) {
	console.error(
		[
			`AsyncQueue needs Node ${REQUIRED_MAJOR} or newer, but this is Node ${process.versions.node}.`,
			"",
			`npm normally brings Node ${REQUIRED_MAJOR} along for this project. That did not happen here; either`,
			"  - start it through npm, in this folder:   npm ci && npm start",
			"  - allow npm to run install scripts:        npm ci --ignore-scripts=false",
			`  - or install Node ${REQUIRED_MAJOR} yourself:            https://nodejs.org/en/download`,
		].join("\n"),
	);
	process.exit(1);
}
