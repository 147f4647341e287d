// Callbacks that never run: a timer is set up with one, and whoever starts the timer has set it up with another before.

import { addTo } from "../base/lists.js";
import { NONE } from "../ir/ops.js";
import type { FileId, Program } from "../ir/program.js";
import type { CallGraph } from "./callGraph.js";
import { type FieldUse, useAt, useOf } from "./fieldUses.js";
import type { Pointers } from "./pointers.js";
import type { Registration } from "./registrations.js";
import { isPrimitive, primitiveAt, type World } from "./world.js";

export class Replaced {
	private readonly known = new Map<Registration, boolean>();
	private folders: Map<string, FileId[]> | null = null;
	/** by folder and fieldKey: where it is started */
	private readonly starts = new Map<string, readonly FieldUse[]>();

	constructor(
		private readonly world: World,
		private readonly graph: CallGraph,
		private readonly pointers: Pointers,
	) {}

	/** Is a callback registered only for fields that are set up with others wherever they are started? */
	isReplaced(registration: Registration): boolean {
		let known = this.known.get(registration);
		if (known === undefined) {
			const all = this.pointers.registrations.of(registration.callback);
			known = this.find(registration) && all.every((one) => this.find(one));
			this.known.set(registration, known);
		}
		return known;
	}

	private find(registration: Registration): boolean {
		if (registration.fn === NONE || registration.isForwarded) return false;
		const own = useAt(this.world.program, registration.fn, registration.offset);
		if (own === null) return false;
		const setups = this.pointers.registrations.settingUp(own.key);
		const others = setups.filter((one) => one.registration.callback !== registration.callback);
		if (others.length === 0) return false;
		const starts = this.startsOf(own);
		const isAfter = (start: FieldUse, setup: FieldUse) => start.fn === setup.fn && start.op > setup.op;
		return starts.length > 0 && starts.every((start) => others.some(({ use }) => isAfter(start, use)));
	}

	/** Where the code of a folder starts what is in a field. */
	private startsOf({ fn, key }: FieldUse): readonly FieldUse[] {
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

	private startsIn(file: FileId, key: number): FieldUse[] {
		const found: FieldUse[] = [];
		for (const fn of this.world.program.fnsOf(file)) {
			this.graph.eachSite(fn, (op, callee) => {
				if (!isPrimitive(callee) || primitiveAt(this.world, callee).neutral?.does !== "defers") return;
				const use = useOf(this.world.program, fn, op);
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
		addTo(found, folder, file);
	}
	return found;
}
