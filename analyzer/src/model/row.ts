// What the tables are written with: version bounds and the pairing of operations that begin and end something.
import type { ArgTest, IrqEffect, LockRow, SectionRow, Versions } from "./schema.js";

/** Columns for rows that hold from this kernel version on, or up to and including it. */
export const since = (major: number, minor: number): { versions: Versions } => ({
	versions: { since: [major, minor] },
});
export const until = (major: number, minor: number): { versions: Versions } => ({
	versions: { until: [major, minor] },
});

export const nonzero = (arg: number): ArgTest => ({ arg, is: "nonzero" });
export const zero = (arg: number): ArgTest => ({ arg, is: "zero" });
export const blocks = (arg: number): ArgTest => ({ arg, is: "gfp-blocks" });
export const hasBits = (arg: number, bits: string): ArgTest => ({ arg, is: "has-bits", bits });
export const lacksBits = (arg: number, bits: string): ArgTest => ({ arg, is: "lacks-bits", bits });
export const equals = (arg: number, value: number | string): ArgTest => ({ arg, is: "equals", value });

const ENDS: Readonly<Record<IrqEffect, IrqEffect>> = {
	none: "none",
	off: "on",
	save: "restore",
	"bh-off": "bh-on",
	on: "off",
	restore: "save",
	"bh-on": "bh-off",
};

/** A lock row before its partners are known. */
export type LoneLock = Omit<LockRow, "pairs">;

/**
 * Fills `pairs` of one family of lock operations (one type of lock, one mode): what takes it is ended by the
 * releases of the same irq flavour, and the other way round, in table order.
 */
export function pairLocks(family: readonly LoneLock[]): LockRow[] {
	return family.map((row) => {
		const releases = row.does === "release";
		const partners = family.filter((p) => (p.does === "release") !== releases && p.irq === ENDS[row.irq]);
		return { ...row, pairs: partners.map((p) => p.name) };
	});
}

export type LoneSection = Omit<SectionRow, "pairs">;

/** Fills `pairs` of one family of section operations: each opening is closed by each closing one. */
export function pairSections(family: readonly LoneSection[]): SectionRow[] {
	const opens = (row: LoneSection): boolean => row.does === "enter" || row.does === "save" || row.does === "off";
	const closer = (row: LoneSection): string => (row.does === "save" ? "restore" : row.does === "off" ? "on" : "exit");
	return family.map((row) => {
		const partners = family.filter((p) => (opens(row) ? p.does === closer(row) : closer(p) === row.does && opens(p)));
		return { ...row, pairs: partners.map((p) => p.name) };
	});
}
