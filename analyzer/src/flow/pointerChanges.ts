// Have the functions that places hold, and those that are registered, changed with an edit, but for where in the
// edited files they stand?

import { areAlike } from "../base/lists.js";
import type { FileId, FnId } from "../ir/program.js";
import type { FieldTarget } from "./fieldKeys.js";
import type { Pointers } from "./pointers.js";
import type { Registration } from "./registrations.js";

export interface PointerChanges {
	/** do all calls through pointers come to the same functions? */
	readonly haveSameTargets: boolean;
	/** is all the same besides? */
	readonly areSame: boolean;
}

/** `isEdited`: what stands in such a file may have moved. */
export function comparePointers(before: Pointers, now: Pointers, isEdited: (file: FileId) => boolean): PointerChanges {
	const haveSameTargets = [[before.fields, now.fields] as const, [before.variables, now.variables] as const].every(
		([a, b]) => areMaps(a, b, (x, y) => areAlike(x, y, (one, other) => one.target === other.target)),
	);
	const isTaken = (a: FieldTarget, b: FieldTarget) =>
		a.target === b.target && isPlace(a, b, isEdited) && isSetAlike(before, now, a, b, isEdited);
	const areSame =
		haveSameTargets &&
		areMaps(before.fields, now.fields, (x, y) => areAlike(x, y, isTaken)) &&
		areMaps(before.variables, now.variables, (x, y) => areAlike(x, y, isTaken)) &&
		areAlike(before.registrations.all, now.registrations.all, (x, y) => isRegistration(x, y, isEdited)) &&
		areSets(before.kept, now.kept) &&
		areSets(before.escaped, now.escaped) &&
		areSets(before.marks, now.marks) &&
		areSets(before.drivers, now.drivers);
	return { haveSameTargets, areSame };
}

function isPlace(a: FieldTarget, b: FieldTarget, isEdited: (file: FileId) => boolean): boolean {
	if (a.file !== b.file || a.fn !== b.fn || a.init < 0 !== b.init < 0) return false;
	return isEdited(a.file) || (a.offset === b.offset && a.owner === b.owner && a.init === b.init);
}

/** Variables of an edited file may have other numbers. */
function isSetAlike(
	before: Pointers,
	now: Pointers,
	a: FieldTarget,
	b: FieldTarget,
	isEdited: (file: FileId) => boolean,
): boolean {
	return areAlike(before.settersOf(a), now.settersOf(b), (x, y) => {
		if (x === y) return true;
		const [from, to] = [now.fileOfSetter(x), now.fileOfSetter(y)];
		return from === to && from >= 0 && isEdited(from);
	});
}

function isRegistration(a: Registration, b: Registration, isEdited: (file: FileId) => boolean): boolean {
	return (
		a.callback === b.callback &&
		a.file === b.file &&
		a.fn === b.fn &&
		(isEdited(a.file) || a.offset === b.offset) &&
		a.row.via === b.row.via &&
		a.row.runs === b.row.runs &&
		a.row.certainty === b.row.certainty &&
		a.how === b.how &&
		a.isForwarded === b.isForwarded
	);
}

function areMaps<V>(a: ReadonlyMap<number, V>, b: ReadonlyMap<number, V>, test: (x: V, y: V) => boolean): boolean {
	if (a.size !== b.size) return false;
	const others = b.entries();
	for (const [key, value] of a) {
		const [other, its] = others.next().value as [number, V];
		if (key !== other || !test(value, its)) return false;
	}
	return true;
}

function areSets<T extends FnId | string>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
	if (a.size !== b.size) return false;
	for (const one of a) if (!b.has(one)) return false;
	return true;
}
