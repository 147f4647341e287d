// What is said of a gfp flag, in plain sentences: for the hover and for the command line.

import type { FlagReport } from "@might-sleep/analyzer";

const FITS: Readonly<Record<FlagReport["fits"], string>> = {
	yes: "valid here",
	no: "not valid here",
	"perhaps-not": "perhaps not valid here",
	unneeded: "valid here, but not needed",
	open: "by itself neither right nor wrong here",
};

/** "valid here": the judgement alone, and what it rests on. */
export function fitText(flag: FlagReport): { readonly fits: string; readonly because: string } {
	return { fits: FITS[flag.fits], because: flag.because };
}

/** "in the mask `…`": where it stands; empty where it is all of the mask. */
export function maskText({ role, mask, name }: FlagReport, quote: string): string {
	if (mask === name) return "";
	const text = `${quote}${mask}${quote}`;
	if (role === "taken") return `taken away in ${text}`;
	return role === "asked" ? `asked for in ${text}` : `in the mask ${text}, of which the following is said`;
}

/** "may sleep · may start I/O · …", what an allocation with the mask does. */
export function doesText({ isModifier, maySleep, mayStartIo, mayEnterFs, wakesKswapd }: FlagReport): string {
	if (isModifier) return "says nothing of reclaim: the mask that it is added to decides whether it may sleep";
	const reclaim = maySleep
		? ["may sleep", mayStartIo ? "may start I/O" : "starts no I/O", mayEnterFs ? "may enter" : "does not enter"]
		: ["does not sleep", "starts no I/O", "does not enter"];
	return `${reclaim.join(" · ")} the filesystem · ${wakesKswapd ? "wakes kswapd" : "does not wake kswapd"}`;
}

/** How deep an allocation with the mask eats into the reserve. */
export function reserveText({ reserve }: FlagReport): string {
	const [part, whole] = reserve.keeps;
	const left = part === whole ? "all" : part === 0 ? "nothing" : `${part}/${whole}`;
	const blocks = reserve.highatomic ? "; more than one page may come from the high-order atomic blocks" : "";
	return `leaves ${left} of the min watermark: ${reserve.says}${blocks}`;
}
