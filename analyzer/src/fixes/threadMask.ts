// A gfp_t parameter for a helper that allocates with a mask of its own, passed from every caller: its own mask where it
// has one, else the flag that its contexts call for. A caller in several contexts that is not told which gets the
// parameter, too, as far as that can be done.

import type { Finding, ReasonedEdit, Step } from "../api.js";
import { MaskParams } from "../flow/maskParams.js";
import type { Solved } from "../flow/solved.js";
import { NONE } from "../ir/ops.js";
import type { FnId } from "../ir/program.js";
import { FnFlag } from "../ir/unit.js";
import { commonNamesThat, GFP_TYPE } from "../model/gfp.js";
import { isOwnAtomic, maskForCall, type WantedMask } from "./callerMask.js";
import { EditList } from "./edits.js";
import { writtenMasks } from "./ownMasks.js";
import type { Plan, Request } from "./plan.js";
import { addToDoc, addToList, freeName } from "./signature.js";
import type { SourceText, Texts } from "./source.js";
import { type CallUse, isOfOneFile, type Uses, usesIn, usesOf } from "./uses.js";

/** Names for the parameter, the usual one first. */
const NAMES = ["gfp", "gfp_flags", "gfp_mask", "alloc_gfp"];
/** Functions that get the parameter, and calls that are edited, at most. */
const MAX_FUNCTIONS = 12;
const MAX_CALLS = 150;
/** Functions whose parameters are not theirs to choose. */
const FIXED =
	FnFlag.Macro |
	FnFlag.Variadic |
	FnFlag.Syscall |
	FnFlag.FromMacro |
	FnFlag.GuardEnter |
	FnFlag.GuardExit |
	FnFlag.Weak |
	FnFlag.Rust;

/** What is done in a function's body: where the mask was, the parameter is used. */
export type UseParameter = (edits: EditList, source: SourceText, name: string, fn: FnId) => void;

export interface Threaded {
	readonly helper: FnId;
	/** what callers are to pass that have no mask of their own */
	readonly wanted: WantedMask;
	readonly use: UseParameter;
	/** the same for the functions between, which get the parameter to pass it on: what they allocate is for the same callers */
	readonly useBetween?: UseParameter;
	/** the name that the parameter should have, for a variable that it takes the place of */
	readonly name?: string;
}

/** The plan for a helper; none where it is seen at once that it cannot be. */
export function threadingPlans({ solved, texts, finding }: Request, threaded: Threaded): Plan[] {
	const { helper } = threaded;
	const { program } = solved.world;
	if (!isFree(solved, helper)) return [];
	const nCallers = solved.graph.callersOf(helper).length;
	if (nCallers === 0 || nCallers > MAX_CALLS) return [];
	const name = program.fnName(helper);
	const plan = {
		key: `thread ${name}`,
		title: `add a ${GFP_TYPE} parameter to ${name}() and pass it from ${nCallers === 1 ? "its caller" : `its ${nCallers} callers`}`,
		kind: "refactor",
	} as const;
	const nOthers = sleepsBeside(solved, finding, helper);
	if (nOthers > 0)
		return [refused(plan, `${nOthers} more call${nOthers === 1 ? "" : "s"} on this way may sleep, whatever it is`)];
	const here = new Threading(solved, texts, threaded, true);
	const edits = here.run();
	if (typeof edits === "string") return [refused(plan, edits)];
	if (edits !== null) {
		const isOnly = finding?.fixes.some((fix) => fix.preferred) !== true;
		return [{ ...plan, preferred: finding !== null && isOnly && here.areCertain, isLocal: true, edits: () => edits }];
	}
	const ownFile = usesIn(solved, texts, helper, [program.fnFile(helper)]);
	if (typeof ownFile === "string") return [refused(plan, ownFile)];
	const everywhere = () => new Threading(solved, texts, threaded, false).run() ?? "not all of its uses are known";
	return [{ ...plan, preferred: false, isLocal: false, edits: everywhere }];
}

/** How many sleeping calls of a finding are not made by the function itself: its mask mends none of them. */
export function sleepsBeside({ world }: Solved, finding: Finding | null, fn: FnId): number {
	const { program } = world;
	const isOwn = ({ file, function: name }: Step) => file === program.fnPath(fn) && name === program.fnName(fn);
	return finding?.related.filter((step) => step.kind === "call" && !isOwn(step)).length ?? 0;
}

/** A plan that cannot be carried out, and says why. */
function refused(plan: Pick<Plan, "key" | "title" | "kind">, why: string): Plan {
	return { ...plan, preferred: false, isLocal: true, edits: () => why };
}

/** The same for the masks that a helper has written out with one flag, where callers count as atomic up to a doubt. */
export function threadWritten(request: Request, helper: FnId, flag: string, doubt: number): Plan[] {
	const { solved, texts } = request;
	const own = texts.of(solved.world.program.fnFile(helper));
	// a second mask, which sleeps whatever the parameter says, would be a mistake of its own
	const isTwofold =
		own !== null && writtenMasks(solved, own, helper).some((one) => one.flag !== flag && maySleep(solved, one.flag));
	if (isTwofold) return [];
	const use: UseParameter = (edits, source, name, fn) => {
		for (const mask of writtenMasks(solved, source, fn)) {
			if (mask.flag !== flag) continue;
			const text = source.text.slice(mask.start, mask.end).replace(new RegExp(`\\b${flag}\\b`), name);
			edits.replace(source, mask.start, mask.end, text, `${solved.world.program.fnName(fn)}() uses the mask`);
		}
	};
	return threadingPlans(request, { helper, wanted: { flag, unknown: flag, doubt }, use, useBetween: use });
}

function maySleep({ world }: Solved, flag: string): boolean {
	const bits = world.flags.get(world.program.names.lookupText(flag));
	return bits === undefined || (bits & world.gfp.directReclaim) !== 0;
}

/** May a function's parameters be changed, as far as is seen at once? */
function isFree(solved: Solved, fn: FnId): boolean {
	const { program } = solved.world;
	if ((program.flagsOf(fn) & FIXED) !== 0 || solved.pointers.escaped.has(fn)) return false;
	return new MaskParams(program).of(fn) === NONE;
}

class Threading {
	private readonly edits = new EditList();
	private readonly masks: MaskParams;
	/** by function that gets the parameter: its name */
	private readonly names = new Map<FnId, string>();
	private readonly todo: { readonly fn: FnId; readonly uses: Uses }[] = [];
	private nCalls = 0;
	/** a function that other files may name has to get the parameter */
	private isBeyond = false;
	private isExported = false;

	constructor(
		private readonly solved: Solved,
		private readonly texts: Texts,
		private readonly threaded: Threaded,
		/** give up where other files have to be read */
		private readonly isHere: boolean,
	) {
		this.masks = new MaskParams(solved.world.program);
	}

	get areCertain(): boolean {
		return this.edits.areCertain && !this.isExported;
	}

	/** The edits; a text that says why there are none; null when other files have to be read for them. */
	run(): readonly ReasonedEdit[] | string | null {
		const { helper } = this.threaded;
		const problem = this.begin(helper, this.threaded.name);
		if (problem !== null) return this.isBeyond ? null : problem;
		for (let i = 0; i < this.todo.length; i++) {
			const { fn, uses } = this.todo[i]!;
			this.declare(fn, uses);
			// first all callers that get it, then what is passed: a caller that is told in one call knows it in another, too
			for (const use of uses.calls) this.askCaller(use);
			for (const use of uses.calls) this.pass(use);
			if (this.isBeyond) return null;
			if (this.nCalls > MAX_CALLS) return `more than ${MAX_CALLS} calls would have to pass it`;
		}
		for (const [fn, name] of this.names) {
			const source = this.texts.of(this.solved.world.program.fnFile(fn));
			const use = fn === helper ? this.threaded.use : this.threaded.useBetween;
			if (source !== null) use?.(this.edits, source, name, fn);
		}
		return this.edits.finish() ?? "its edits would overlap";
	}

	/** Takes a function up among those that get the parameter; null, or why it cannot. */
	private begin(fn: FnId, wanted?: string): string | null {
		if (this.isHere && !isOfOneFile(this.solved, fn)) {
			this.isBeyond = true;
			return "other files name it";
		}
		const uses = usesOf(this.solved, this.texts, fn);
		if (typeof uses === "string") return uses;
		if (uses.calls.length === 0) return "nobody calls it";
		if (uses.isExported && this.names.size > 0) return "modules out of the tree call it";
		const fns = uses.definitions.map((definition) => definition.fn);
		const name = wanted ?? freeName(this.solved, fns, NAMES);
		if (name === null) return "no name is free for the parameter";
		this.names.set(fn, name);
		this.nCalls += uses.calls.length;
		this.todo.push({ fn, uses });
		return null;
	}

	/** The parameter in the definitions, the prototypes and the kernel-doc comment of a function. */
	private declare(fn: FnId, uses: Uses): void {
		const name = this.names.get(fn)!;
		const title = this.solved.world.program.fnName(fn);
		if (uses.isExported) this.isExported = true;
		const why = uses.isExported
			? `${title}() is exported: modules out of the tree call it`
			: `${title}() is given a mask`;
		const what = "allocation flags";
		for (const definition of uses.definitions) {
			addToList(this.edits, definition, `${GFP_TYPE} ${name}`, why, !uses.isExported);
			addToDoc(this.edits, this.solved, definition.fn, definition.source, name, what);
		}
		for (const prototype of uses.prototypes)
			addToList(this.edits, prototype, `${GFP_TYPE} ${name}`, why, !uses.isExported);
	}

	/** Gives the parameter to a caller that has no mask for a call. */
	private askCaller({ call: { caller, op } }: CallUse): void {
		if (this.names.has(caller)) return;
		if (maskForCall(this.solved, this.masks, caller, op, this.threaded.wanted).text === null) this.mayBegin(caller);
	}

	/** The argument in one call. */
	private pass(use: CallUse): void {
		const { caller, op } = use.call;
		const { solved, threaded } = this;
		if (this.names.has(caller) && !isOwnAtomic(solved, caller, op)) {
			this.add(use, this.names.get(caller)!, "it is given a mask", true);
			return;
		}
		const { text, certain, why } = maskForCall(solved, this.masks, caller, op, threaded.wanted);
		if (text !== null) this.add(use, text, why, certain);
		else this.add(use, commonNamesThat("cannot-sleep")[0]!, why, false);
	}

	private mayBegin(fn: FnId): void {
		if (this.names.size < MAX_FUNCTIONS && isFree(this.solved, fn)) this.begin(fn);
	}

	private add(use: CallUse, text: string, why: string, certain: boolean): void {
		addToList(this.edits, use, text, `${text}: ${why}`, certain);
	}
}
