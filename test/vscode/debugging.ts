// What a person does with the debugger and its panel, as functions over the workbench: step, step back, watch
// a value, scrub, look at it in other themes.

import assert from "node:assert/strict";
import type { FrameLocator, Locator } from "playwright-core";
import { until, type Workbench, waitFor } from "./workbench.js";

/** The page inside the panel "Machine". */
export function machine(bench: Workbench): FrameLocator {
	return bench.page.frameLocator('iframe.webview.ready[src*="extensionId=might-sleep"]').frameLocator("#active-frame");
}

/** Line of the frame that is selected in the call stack. */
export async function shownLine(bench: Workbench): Promise<number> {
	const text = await bench.page.locator(".debug-call-stack .monaco-list-row .line-number").first().textContent();
	return Number(text?.split(":")[0]);
}

/** Presses a key until the debugger stands at another line, and says which. */
export async function move(bench: Workbench, key: string): Promise<number> {
	const before = await shownLine(bench);
	const question = bench.page.locator(".quick-input-widget");
	await until(
		`another line than ${before} by ${key}`,
		20_000,
		async () => {
			if (await question.isVisible()) await bench.page.keyboard.press("Escape");
			await bench.page.keyboard.press(key);
		},
		async () => (await shownLine(bench)) !== before,
	);
	return shownLine(bench);
}

/** Presses a key until the debugger stands at this line. */
export async function reach(bench: Workbench, key: string, line: number): Promise<void> {
	for (let left = 20; left > 0; left--) if ((await move(bench, key)) === line) return;
	assert.fail(`no line ${line} by ${key}`);
}

/** The row of a variable, by its name. */
function variable(bench: Workbench, name: string): Locator {
	return bench.page.locator(".debug-variables .monaco-list-row", { hasText: `${name} =` }).first();
}

/** Waits until a variable's row says so: VS Code reads variables anew only when nobody has stepped for a moment. */
export async function variableSays(bench: Workbench, name: string, words: string): Promise<void> {
	await waitFor(`${name} is ${words}`, 10_000, async () => {
		const text = (await variable(bench, name).textContent()) ?? "";
		return text.replaceAll(/\s/g, "").includes(`${name}=${words.replaceAll(" ", "")}`);
	});
}

/** Breaks on changes of a variable, by its context menu. */
export async function breakOnChange(bench: Workbench, name: string): Promise<void> {
	const item = bench.page.locator(".monaco-menu .action-item", { hasText: "Break on Value Change" }).first();
	await until(
		"the variable's menu",
		20_000,
		() => variable(bench, name).click({ button: "right", timeout: 3000 }),
		() => item.isVisible(),
	);
	// A menu that has only just opened takes no click: the release of the button that opened it may be one.
	await until(
		"the end of the menu",
		10_000,
		async () => {
			if (await item.isVisible()) await item.click({ timeout: 1000 });
		},
		() => item.isHidden(),
	);
}

/** Why the session stands still, as the call stack says it. */
export async function stopsWith(bench: Workbench, words: string): Promise<void> {
	await bench.page.locator(".debug-viewlet", { hasText: words }).waitFor({ timeout: 20_000 });
}

/** Moves the playhead by a key; the debugger has to follow to the line. */
export async function scrub(bench: Workbench, key: string, line: number): Promise<void> {
	const slider = machine(bench).locator(".timeline");
	await until(
		`line ${line} by ${key} on the timeline`,
		20_000,
		async () => {
			await slider.focus({ timeout: 3000 });
			await bench.page.keyboard.press(key);
		},
		async () => (await shownLine(bench)) === line,
	);
}

/** Drags the playhead to a share of the run's length; the step that is then shown. */
export async function drag(bench: Workbench, share: number): Promise<number> {
	const slider = machine(bench).locator(".timeline");
	const box = await slider.boundingBox();
	assert.ok(box, "the timeline is on the screen");
	const gutter = box.width < 620 ? 96 : 160;
	const { mouse } = bench.page;
	await mouse.move(box.x + gutter + 5, box.y + 60);
	await mouse.down();
	await mouse.move(box.x + gutter + (box.width - gutter - 10) * share, box.y + 60, { steps: 6 });
	await mouse.up();
	return Number(await slider.getAttribute("aria-valuenow"));
}

export async function endSession(bench: Workbench): Promise<void> {
	await until(
		"the end of the session",
		20_000,
		() => bench.page.keyboard.press("Shift+F5"),
		() => bench.page.locator(".debug-toolbar").isHidden(),
	);
}

/** From the light theme to the dark one and back. */
export async function toggleTheme(bench: Workbench): Promise<void> {
	const kind = () => bench.page.locator(".monaco-workbench.vs-dark").count();
	const before = await kind();
	await bench.command("Preferences: Toggle between Light/Dark Themes");
	await waitFor("the other theme", 10_000, async () => (await kind()) !== before);
}

/** As on a system that asks for high contrast, or no longer does. */
export async function highContrast(bench: Workbench, scheme: "light" | "dark" | null): Promise<void> {
	await bench.page.emulateMedia({ forcedColors: scheme === null ? "none" : "active", colorScheme: scheme ?? "light" });
	const shell = (name: string) => bench.page.locator(`.monaco-workbench.${name}`).count();
	await waitFor(`high contrast ${scheme}`, 10_000, async () => {
		const [black, light] = [await shell("hc-black"), await shell("hc-light")];
		return scheme === null ? black + light === 0 : scheme === "dark" ? black > 0 : light > 0;
	});
}

/** The whole panel at about this width: pictures that show all of it. */
export async function panelPicture(bench: Workbench, width: number, name: string): Promise<void> {
	const { page } = bench;
	await page.setViewportSize({ width: width + 52, height: 1100 });
	await fits(bench);
	await bench.picture(name);
}

/** Every text of the panel can be read: nothing is cut off at the page's edge. */
export async function fits(bench: Workbench): Promise<void> {
	const page = machine(bench).locator("body");
	await waitFor("a panel without a horizontal scroll bar", 5000, () =>
		page.evaluate((body) => body.scrollWidth <= body.ownerDocument.documentElement.clientWidth),
	);
}
