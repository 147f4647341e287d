// What a person does in the workbench, as functions: open a file, go to a line, run a command, read the
// Problems. Keys that are pressed right after a widget closes can be lost, so each act is repeated until its
// result shows.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { pause } from "./process.js";

/** Repeats an act until its check holds; the last failure is the one reported. */
export async function until(
	what: string,
	ms: number,
	act: () => Promise<unknown>,
	holds: () => Promise<boolean>,
): Promise<void> {
	const end = Date.now() + ms;
	let last: unknown;
	while (Date.now() < end) {
		try {
			await act();
			for (const step of [100, 300, 600, 1000]) {
				if (await holds()) return;
				await pause(step);
			}
		} catch (error) {
			last = error;
			await pause(300);
		}
	}
	throw new Error(`not within ${ms} ms: ${what}${last === undefined ? "" : ` (${last})`}`);
}

/** Waits until a check holds. */
export async function waitFor(what: string, ms: number, holds: () => Promise<boolean>): Promise<void> {
	await until(what, ms, async () => {}, holds);
}

export class Workbench {
	constructor(
		readonly page: Page,
		/** where the pictures go */
		private readonly pictures: string,
	) {
		mkdirSync(pictures, { recursive: true });
	}

	/** Opens a folder, and a file of it at once when one is named (by its path on disk). */
	async open(origin: string, folder: string, file?: string): Promise<void> {
		const remote = `vscode-remote://${new URL(origin).host}`;
		const payload =
			file === undefined ? "" : `&payload=${encodeURIComponent(JSON.stringify([["openFile", remote + file]]))}`;
		await this.page.goto(`${origin}/?folder=${encodeURIComponent(folder)}${payload}`);
		await this.page.waitForSelector(".monaco-workbench", { timeout: 60_000 });
		await this.page.waitForSelector(".explorer-viewlet .monaco-list-row", { timeout: 60_000 });
	}

	async picture(name: string): Promise<void> {
		await this.page.screenshot({ path: join(this.pictures, `${name}.png`) });
	}

	private get quickInput(): Locator {
		return this.page.locator('.quick-input-widget:visible input[type="text"]');
	}

	async openFile(name: string): Promise<void> {
		const row = this.page.locator(".explorer-viewlet .monaco-list-row", { hasText: name }).first();
		const tab = this.page.locator(`.tab.active[data-resource-name="${name}"]`);
		await until(
			`open ${name}`,
			30_000,
			() => row.dblclick({ timeout: 5000 }),
			() => tab.isVisible(),
		);
	}

	/** Puts the focus into the editor. Without it VS Code drops requests for code lenses, refreshes included. */
	async focusEditor(): Promise<void> {
		const focused = this.page.locator(".editor-instance .monaco-editor.focused");
		if ((await focused.count()) > 0) return;
		await this.page.keyboard.press("Control+1");
		await focused.waitFor({ timeout: 2000 });
	}

	/** Runs a command by its title in the palette. */
	async command(title: string): Promise<void> {
		await this.quickly("F1", `>${title}`);
	}

	/** Runs a command that asks something: until its question shows. */
	async commandThatAsks(title: string, question: string): Promise<void> {
		const input = this.page.locator(`.quick-input-widget:visible input[placeholder^="${question}"]`);
		await until(
			title,
			30_000,
			async () => {
				await this.page.keyboard.press("F1");
				await this.quickInput.fill(`>${title}`, { timeout: 3000 });
				const row = this.page.locator(".quick-input-widget .monaco-list-row", { hasText: title }).first();
				await row.click({ timeout: 5000 });
			},
			() => input.isVisible(),
		);
	}

	async goTo(line: number, column = 1): Promise<void> {
		const status = this.page.locator("#status\\.editor\\.selection");
		await until(
			`go to ${line}:${column}`,
			20_000,
			() => this.quickly("Control+g", `:${line}:${column}`),
			async () => (await status.textContent())?.includes(`Ln ${line},`) ?? false,
		);
	}

	/** Opens a quick input, types, accepts, and waits until it has gone. */
	private async quickly(key: string, text: string): Promise<void> {
		await until(
			`quick input for ${text}`,
			15_000,
			() => this.page.keyboard.press(key),
			() => this.quickInput.isVisible(),
		);
		// a widget that lost the focus meanwhile is gone: then all of it is done again
		await this.quickInput.fill(text, { timeout: 3000 });
		const wanted = text.replace(/^>/, "");
		if (text.startsWith(">")) {
			const row = this.page.locator(".quick-input-widget .monaco-list-row", { hasText: wanted }).first();
			await row.waitFor({ timeout: 10_000 });
		}
		await this.page.keyboard.press("Enter");
		await this.quickInput.waitFor({ state: "hidden", timeout: 10_000 });
	}

	/** The text of the line in the editor, spaces as spaces. */
	async visibleText(): Promise<string> {
		const lines = await this.page.locator(".editor-instance .view-line").allInnerTexts();
		return lines.join("\n").replaceAll("\u00a0", " ");
	}

	/** The rows of the Problems panel, related information included. */
	async problems(): Promise<string[]> {
		const panel = this.page.locator(".markers-panel");
		await until(
			"the Problems panel",
			20_000,
			() => this.page.keyboard.press("Control+Shift+M"),
			() => panel.isVisible(),
		);
		const closed = panel.locator(".monaco-tl-twistie.collapsed:not(.hidden)");
		for (let left = 30; left > 0 && (await closed.count()) > 0; left--) await closed.first().click({ timeout: 5000 });
		const texts = await panel.locator(".monaco-list-row").allInnerTexts();
		return texts.map((text) => text.replaceAll("\u00a0", " ").replaceAll(/\s+/g, " "));
	}

	/** Shows the hover at the cursor and returns its text, once all of it is there that is expected. */
	async hover(expected: RegExp): Promise<string> {
		const content = this.page.locator(".monaco-hover:visible .hover-contents");
		const text = async () => (await content.allInnerTexts()).join("\n").replaceAll("\u00a0", " ");
		// it may go again at any time
		let shown = "";
		await until(
			`a hover with ${expected}`,
			30_000,
			async () => {
				await this.page.keyboard.press("Escape");
				await this.page.keyboard.press("Control+k");
				await this.page.keyboard.press("Control+i");
			},
			async () => {
				shown = await text();
				return expected.test(shown);
			},
		);
		return shown;
	}

	/** The panel below the editor, for pictures with more room. */
	async hidePanel(): Promise<void> {
		const panel = this.page.locator(".part.panel");
		await until(
			"no panel",
			10_000,
			async () => {
				if (await panel.isVisible()) await this.page.keyboard.press("Control+j");
			},
			() => panel.isHidden(),
		);
	}

	/** Opens the menu of quick fixes at the cursor and returns its rows. */
	async quickFixes(): Promise<string[]> {
		const rows = this.page.locator(".action-widget .monaco-list-row.action");
		await until(
			"the quick fixes",
			30_000,
			async () => {
				await this.page.keyboard.press("Escape");
				await this.page.keyboard.press("Control+.");
			},
			async () => (await rows.count()) > 0,
		);
		return rows.allInnerTexts();
	}

	async applyQuickFix(title: string): Promise<void> {
		const row = this.page.locator(".action-widget .monaco-list-row.action", { hasText: title }).first();
		await row.click();
		await this.page.locator(".action-widget").first().waitFor({ state: "hidden", timeout: 10_000 });
	}
}
