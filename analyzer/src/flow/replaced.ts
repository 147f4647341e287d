// Callbacks that never run: a timer is set up with one, and whoever starts the timer has set it up with another before.

import { EXPR_SIZE, ExprKind, NONE, OP_SIZE, Op, OpField } from "../ir/ops.js";
import type { FileId, FnId, Program } from "../ir/program.js";
import { FnField } from "../ir/unit.js";
import { argumentOf, type CallGraph } from "./callGraph.js";
import { fieldKeyOf } from "./fieldKeys.js";
import type { Pointers, Registration } from "./pointers.js";
import { isPrimitive, primitiveAt, type World } from "./world.js";

/** A call that is given the address of a field in its first argument. */
interface Use {
	readonly fn: FnId;
	readonly op: number;
	readonly key: number;
}

export class Replaced {
	/** by fieldKey of the timer: the calls that set it up */
	private setups: Map<number, (Use & Registration)[]> | null = null;
	private readonly known = new Map<Registration, boolean>();
	private folders: Map<string, FileId[]> | null = null;
	/** by folder and fieldKey: where it is started */
	private readonly starts = new Map<string, readonly Use[]>();

	constructor(
		private readonly world: World,
		private readonly graph: CallGraph,
		private readonly pointers: Pointers,
	) {}

	/** Is a callback registered only for fields that are set up with others wherever they are started? */
	isReplaced(registration: Registration): boolean {
		let known = this.known.get(registration);
		if (known === undefined) {
			const isIts = ({ callback }: Registration) => callback === registration.callback;
			known = this.find(registration) && this.pointers.registrations.filter(isIts).every((one) => this.find(one));
			this.known.set(registration, known);
		}
		return known;
	}

	private find(registration: Registration): boolean {
		if (registration.fn === NONE || registration.isForwarded) return false;
		this.setups ??= this.findSetups();
		const own = this.useAt(registration);
		const setups = own === null ? [] : (this.setups.get(own.key) ?? []);
		const others = setups.filter(({ callback }) => callback !== registration.callback);
		if (own === null || others.length === 0) return false;
		const starts = this.startsOf(own);
		const isAfter = (start: Use, setup: Use) => start.fn === setup.fn && start.op > setup.op;
		return starts.length > 0 && starts.every((start) => others.some((setup) => isAfter(start, setup)));
	}

	private findSetups(): Map<number, (Use & Registration)[]> {
		const found = new Map<number, (Use & Registration)[]>();
		for (const registration of this.pointers.registrations) {
			if (registration.fn === NONE || registration.isForwarded || registration.row.via !== "arg") continue;
			const use = this.useAt(registration);
			if (use === null) continue;
			const list = found.get(use.key) ?? [];
			found.set(use.key, list);
			list.push({ ...registration, ...use });
		}
		return found;
	}

	/** The call of a registration, where it registers for a field. */
	private useAt({ fn, offset }: Registration): Use | null {
		const { program } = this.world;
		const { ops } = program.unit(program.fnFile(fn));
		const first = program.fnField(fn, FnField.OpStart);
		for (let op = 0; op < program.fnField(fn, FnField.OpCount); op++) {
			const at = (first + op) * OP_SIZE;
			if ((ops[at]! & 255) === Op.Call && ops[at + OpField.Start] === offset) return this.useOf(fn, op);
		}
		return null;
	}

	private useOf(fn: FnId, op: number): Use | null {
		const { program } = this.world;
		const { exprs } = program.unit(program.fnFile(fn));
		const argument = argumentOf(program, fn, op, 0);
		if (argument < 0 || exprs[argument * EXPR_SIZE] !== ExprKind.AddrOf) return null;
		const field = exprs[argument * EXPR_SIZE + 1]!;
		if (field < 0 || exprs[field * EXPR_SIZE] !== ExprKind.Field) return null;
		const key = fieldKeyOf(program, fn, field);
		return key === NONE ? null : { fn, op, key };
	}

	/** Where the code of a folder starts what is in a field. */
	private startsOf({ fn, key }: Use): readonly Use[] {
		const { program } = this.world;
		const { folder } = program.pathInfo(program.fnFile(fn));
		const name = `${folder} ${key}`;
		let found = this.starts.get(name);
		if (found === undefined) {
			this.folders ??= byFolder(program);
			found = (this.folders.get(folder) ?? []).flatMap((file) => this.startsIn(file, key));
			this.starts.set(name, found);
		}
		return found;
	}

	private startsIn(file: FileId, key: number): Use[] {
		const found: Use[] = [];
		for (const fn of this.world.program.fnsOf(file)) {
			this.graph.eachSite(fn, (op, callee) => {
				if (!isPrimitive(callee) || primitiveAt(this.world, callee).neutral?.does !== "defers") return;
				const use = this.useOf(fn, op);
				if (use?.key === key) found.push(use);
			});
		}
		return found;
	}
}

function byFolder(program: Program): Map<string, FileId[]> {
	const found = new Map<string, FileId[]>();
	for (const file of program.filesInOrder()) {
		const { folder } = program.pathInfo(file);
		const files = found.get(folder);
		if (files === undefined) found.set(folder, [file]);
		else files.push(file);
	}
	return found;
}
