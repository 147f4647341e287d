// What is known of the kernel's configuration: a view over CONFIG_* symbols, read from a .config or an
// autoconf.h. Plain data, so that it can be sent to a worker. Finding the file is the host's business.

export interface ConfigView {
	/** false: no configuration was found; then CONFIG_* counts as on, but for a few that `values` does not name */
	readonly known: boolean;
	/** symbol with its CONFIG_ prefix → "y", "m" or a value as written */
	readonly values: ReadonlyMap<string, string>;
}

/**
 * Off when no configuration is known: switching them on would exclude what nearly every kernel has, or what
 * the other branch of the same `#if` describes better.
 */
const OFF_BY_DEFAULT: ReadonlySet<string> = new Set([
	"CONFIG_PREEMPT_RT",
	"CONFIG_TINY_RCU",
	"CONFIG_TINY_SRCU",
	"CONFIG_SLOB",
	"CONFIG_CPU_BIG_ENDIAN",
	"CONFIG_UML",
	"CONFIG_XIP_KERNEL",
]);

/** The view for trees without a configuration. */
export const defaultConfig: ConfigView = { known: false, values: new Map() };

/** The same for PREEMPT_RT: the branches of `#if` that hold there. */
export const rtConfig: ConfigView = { known: false, values: new Map([["CONFIG_PREEMPT_RT", "y"]]) };

/** Reads the text of a .config (`CONFIG_A=y`) or of an autoconf.h (`#define CONFIG_A 1`). */
export function parseConfig(text: string): ConfigView {
	const values = new Map<string, string>();
	for (const line of text.split("\n")) {
		const set = /^(CONFIG_\w+)=(.*?)\s*$/.exec(line) ?? /^#define\s+(CONFIG_\w+)\s*(.*?)\s*$/.exec(line);
		if (set === null) continue;
		const [, name, value] = set;
		if (!line.startsWith("#")) values.set(name, value);
		else if (name.endsWith("_MODULE") && value === "1") values.set(name.slice(0, -"_MODULE".length), "m");
		else values.set(name, value === "1" ? "y" : value);
	}
	return { known: values.size > 0, values };
}

/** What a CONFIG_* symbol is: 0 off, 1 module, 2 built in (or it has a value). */
export function configState(view: ConfigView, name: string): 0 | 1 | 2 {
	if (!view.known) return OFF_BY_DEFAULT.has(name) && !view.values.has(name) ? 0 : 2;
	const value = view.values.get(name);
	if (value === undefined || value === "n") return 0;
	return value === "m" ? 1 : 2;
}

/** Whether the preprocessor would see `name` as defined: CONFIG_A for built in, CONFIG_A_MODULE for a module. */
export function configDefined(view: ConfigView, name: string): boolean {
	if (name.endsWith("_MODULE")) {
		if (!view.known) return false;
		if (configState(view, name.slice(0, -"_MODULE".length)) === 1) return true;
	}
	return configState(view, name) === 2;
}

/** The number that `name` stands for in #if: its value, 1 when it is on, 0 when it is off. */
export function configNumber(view: ConfigView, name: string): number {
	if (!configDefined(view, name)) return 0;
	const value = view.values.get(name);
	if (value === undefined || value === "y") return 1;
	const parsed = Number(value);
	return Number.isFinite(parsed) ? parsed : 1;
}
