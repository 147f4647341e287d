// What runs inside the extension host, with VS Code's own API. The host's exit status alone proves nothing
// (it is 0 when the host dies), so a report is written that the outer test reads.

import { writeFileSync } from "node:fs";
import { TESTS } from "./tests.js";

export interface Result {
	readonly name: string;
	/** empty when it passed */
	readonly error: string;
	readonly ms: number;
}

const TIMEOUT = 60_000;

/** Called by VS Code; a throw makes it exit with a failure. */
export async function run(): Promise<void> {
	const results: Result[] = [];
	for (const [name, test] of TESTS) {
		const began = Date.now();
		const error = await outcome(test);
		results.push({ name, error, ms: Date.now() - began });
	}
	const report = process.env.MIGHT_SLEEP_TEST_REPORT;
	if (report === undefined) throw new Error("MIGHT_SLEEP_TEST_REPORT names no file");
	writeFileSync(report, JSON.stringify(results));
	const failed = results.filter((one) => one.error !== "");
	if (failed.length > 0) throw new Error(failed.map((one) => `${one.name}: ${one.error}`).join("\n"));
}

async function outcome(test: () => Promise<void>): Promise<string> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error(`not finished within ${TIMEOUT} ms`)), TIMEOUT);
	});
	try {
		await Promise.race([test(), late]);
		return "";
	} catch (error) {
		return error instanceof Error ? (error.stack ?? error.message) : String(error);
	} finally {
		clearTimeout(timer);
	}
}
