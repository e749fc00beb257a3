import { readFileSync } from "node:fs";
import { type Mutant, type Score, scoreOf } from "./score.ts";

/** Files that are shown because they have the lowest scores. */
const WORST_FILES = 10;

/** Characters of code that are shown of a mutant. */
const MAX_CODE = 60;

const cells = (name: string, score: Score): string =>
	[
		name.padEnd(40),
		score.percent.toFixed(1).padStart(7),
		...[score.killed, score.timedOut, score.survived, score.notCovered, score.invalid].map((count) =>
			String(count).padStart(9),
		),
	].join(" ");

const heading = (name: string): string =>
	[
		name.padEnd(40),
		"score %",
		...["killed", "timeout", "survived", "uncovered", "invalid"].map((title) => title.padStart(9)),
	].join(" ");

const scoresByFile = (mutants: readonly Mutant[]): readonly (readonly [string, Score])[] =>
	Object.entries(Object.groupBy(mutants, ({ fileName }) => fileName))
		.map(([file, some = []]) => [file, scoreOf(some)] as const)
		.sort(([, a], [, b]) => a.percent - b.percent);

/** A line for the folder, and one for each of the files that need it most. */
export const formatScores = (name: string, mutants: readonly Mutant[]): string =>
	[
		heading(name),
		cells("all", scoreOf(mutants)),
		...scoresByFile(mutants)
			.filter(([, { percent }]) => percent < 100)
			.slice(0, WORST_FILES)
			.map(([file, score]) => cells(file, score)),
	].join("\n");

const shortened = (code: string): string => {
	const line = code.replace(/\s+/g, " ");
	return line.length <= MAX_CODE ? line : `${line.slice(0, MAX_CODE - 1)}…`;
};

const originalOf = ({ fileName, location: { start, end } }: Mutant): string => {
	const lines = readFileSync(fileName, "utf8")
		.split("\n")
		.slice(start.line - 1, end.line);
	const last = lines.length - 1;
	return lines
		.map((line, index) =>
			line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined),
		)
		.join(" ");
};

/** Every mutant that no test noticed: where it is, what it was and what it became. */
export const formatSurvivors = (mutants: readonly Mutant[]): string =>
	mutants
		.filter(({ status }) => status === "Survived" || status === "NoCoverage")
		.map((mutant) => {
			const { line, column } = mutant.location.start;
			const change = `${shortened(originalOf(mutant))}  →  ${shortened(mutant.replacement)}`;
			return `${mutant.fileName}:${line}:${column}  ${mutant.mutatorName}  ${change}`;
		})
		.join("\n");
