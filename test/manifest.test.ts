// The extension's manifest against what it speaks of: the README's tables, the rules' pages, the commands
// that the client registers, the files that the package needs.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { CHECK_WORKSPACE_COMMAND, REINDEX_COMMAND } from "@might-sleep/server/lsp/protocol";

interface Setting {
	readonly default: unknown;
	readonly properties?: Readonly<Record<string, { readonly default: string }>>;
}
interface Manifest {
	readonly main: string;
	readonly icon: string;
	readonly contributes: {
		readonly commands: readonly {
			readonly command: string;
			readonly icon?: string | Readonly<Record<"light" | "dark", string>>;
		}[];
		readonly configuration: { readonly properties: Readonly<Record<string, Setting>> };
	};
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): string => readFileSync(ROOT + path, "utf8");
const manifest = JSON.parse(read("package.json")) as Manifest;
const settings = manifest.contributes.configuration.properties;
const rules = settings["might-sleep.rules"]?.properties ?? {};

/** First and second cell of the rows of a README table, whose first cell matches. */
function rows(first: RegExp): [string, string][] {
	return read("README.md")
		.split("\n")
		.map((line) => line.split("|").map((cell) => cell.trim()))
		.filter((cells) => cells.length > 3 && first.test(cells[1] ?? ""))
		.map((cells) => [first.exec(cells[1] ?? "")?.[1] ?? "", cells[2] ?? ""]);
}

test("the README's settings are the manifest's", () => {
	const wanted = Object.entries(settings).map(([name, setting]) => [name, setting.default]);
	const told = rows(/^`(might-sleep\.[a-zA-Z.]+)`$/).map(([name, value]) => {
		const text = value.replaceAll("`", "");
		return [name, text === "empty" ? "" : /^(true$|[0-9{])/.test(text) ? JSON.parse(text) : text];
	});
	assert.deepEqual(told, wanted);
});

test("manifest, README and pages name the same rules with the same severity", () => {
	const wanted = Object.entries(rules).map(([id, rule]) => [id, rule.default]);
	assert.deepEqual(rows(/^\[([a-z-]+)\]\(docs\/rules\/\1\.md\)$/), wanted);
	const pages = readdirSync(`${ROOT}docs/rules`).filter((name) => /^[a-z-]+\.md$/.test(name));
	assert.deepEqual(pages.map((name) => name.slice(0, -3)).sort(), wanted.map(([id]) => id).sort());
});

test("client and server register the manifest's commands and no others", () => {
	const client = [...read("client/src/commands.ts").matchAll(/^\t"(might-sleep\.[a-zA-Z]+)":/gm)];
	const server = [CHECK_WORKSPACE_COMMAND, REINDEX_COMMAND];
	const registered = [...client.map((match) => match[1]), ...server];
	const contributed = manifest.contributes.commands.map((one) => one.command);
	assert.deepEqual([...registered].sort(), [...contributed].sort());
});

test("what the package names is there", () => {
	for (const path of [manifest.main, manifest.icon, "LICENSE", "CHANGELOG.md"]) {
		assert.ok(existsSync(ROOT + path), `${path} is missing`);
	}
});

test("the package holds the script of every thread", () => {
	const threads = [...read("server/src/host/threads.ts").matchAll(/"host\/(\w+)"/g)].map(([, name]) => name);
	assert.ok(threads.length >= 3);
	const packed = read(".vscodeignore").split("\n");
	for (const name of threads) assert.ok(packed.includes(`!dist/${name}.js`), name);
});

test("the package holds the panel's page and the commands' icons", () => {
	const packed = read(".vscodeignore").split("\n");
	for (const [, name] of read("client/src/panel/page.ts").matchAll(/address\("(panel\.\w+)"\)/g)) {
		assert.ok(packed.includes(`!dist/${name}`), name);
		assert.ok(existsSync(`${ROOT}dist/${name}`), name);
	}
	const icons = manifest.contributes.commands.flatMap(({ icon }) =>
		typeof icon === "object" ? Object.values(icon) : [],
	);
	assert.ok(icons.length > 0);
	for (const path of icons) assert.ok(existsSync(ROOT + path) && /^client\/icons\/[\w-]+\.svg$/.test(path), path);
	assert.ok(packed.includes("!client/icons/*.svg"));
});

test("CI runs the README's test command and nothing else", () => {
	const commands = read(".ci/run")
		.split("\n")
		.filter((line) => line !== "" && !/^(#|set |cd )/.test(line));
	assert.deepEqual(commands, ["npm test"]);
	assert.match(read("README.md"), /^npm test$/m);
});

test("npm start on what is no folder says so in one line", () => {
	const done = spawnSync(process.execPath, [`${ROOT}scripts/start.mjs`, "no/such/tree"], { encoding: "utf8" });
	assert.equal(done.status, 2);
	assert.match(done.stderr, /^npm start: .*no\/such\/tree is not a folder\n$/);
});
