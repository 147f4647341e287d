// The lattice of values, against the sets of integers that values stand for: what an operation claims to know
// of its result holds for every integer that the operands may be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Base, TOP, type ValueId, ValueTable } from "../src/flow/values.js";

const ATOM = 7;
/** Small numbers, their negatives and single high bits: what masks are made of. */
const NUMBERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 15, 16, 0x400, 0xcc0, -1, -2, -12, 1 << 30, 1 << 31];

/** May the value be `n` where the atom is `atom`? */
function includes(values: ValueTable, value: ValueId, n: number, atom: number): boolean {
	const [base, set, clear] = [values.base(value), values.set(value), values.clear(value)];
	if (base === Base.Function || base === Base.Error) return n !== 0;
	if ((n & set) !== set || (n & clear) !== 0) return false;
	if (values.truth(value) === 1 && n === 0) return false;
	return base === Base.None || (n & ~(set | clear)) === (atom & ~(set | clear));
}

/** All kinds of values over the small masks. */
function samples(values: ValueTable): readonly ValueId[] {
	const found = new Set<ValueId>([TOP, values.atom(ATOM), values.fn(3), values.make(Base.Error, 0, 0, 1)]);
	for (const n of NUMBERS) found.add(values.int(n));
	for (const set of [0, 1, 4, 5]) {
		for (const clear of [0, 2, 8, 10, -8]) {
			for (const nonZero of [0, 1]) {
				found.add(values.make(Base.None, set, clear & ~set, nonZero));
				found.add(values.make(ATOM, set, clear & ~set, nonZero));
			}
		}
	}
	return [...found];
}

/** Calls `check` for every integer and atom that the value may stand for. */
function forEachMeaning(values: ValueTable, value: ValueId, check: (n: number, atom: number) => void): void {
	for (const n of NUMBERS) for (const atom of NUMBERS) if (includes(values, value, n, atom)) check(n, atom);
}

const text = (values: ValueTable, v: ValueId): string =>
	`{base ${values.base(v)} set ${values.set(v)} clear ${values.clear(v)} truth ${values.truth(v)}}`;

test("equal parts are one value, and an integer has no atom", () => {
	const values = new ValueTable();
	assert.equal(values.make(ATOM, 4, 2, 0), values.make(ATOM, 4, 2, 0));
	assert.equal(values.make(ATOM, 5, ~5, 0), values.int(5));
	assert.equal(values.make(Base.None, 0, 0, 0), TOP);
	assert.ok(values.isInt(values.int(0)));
	assert.ok(!values.isInt(values.fn(1)));
	const ids = Array.from({ length: 5000 }, (_, i) => values.int(i * 31));
	ids.forEach((id, i) => {
		assert.equal(values.int(i * 31), id);
	});
});

test("integers know their truth and their bits", () => {
	const values = new ValueTable();
	for (const n of NUMBERS) {
		assert.equal(values.truth(values.int(n)), n === 0 ? 0 : 1);
		assert.equal(values.anyBit(values.int(n), 4), (n & 4) === 0 ? 0 : 1);
	}
	assert.equal(values.truth(TOP), -1);
	assert.equal(values.truth(values.fn(0)), 1);
});

test("what a value says of its truth and bits holds for all it may be", () => {
	const values = new ValueTable();
	for (const value of samples(values)) {
		if (values.base(value) === Base.Function) continue;
		forEachMeaning(values, value, (n) => {
			const truth = values.truth(value);
			assert.ok(truth === -1 || truth === (n === 0 ? 0 : 1), `${text(values, value)} may be ${n}`);
			for (const bits of [1, 4, 6, 12]) {
				const any = values.anyBit(value, bits);
				assert.ok(any === -1 || any === ((n & bits) === 0 ? 0 : 1), `${text(values, value)} may be ${n}, bits ${bits}`);
			}
		});
	}
});

test("a meet may be all that either may be, whatever the order", () => {
	const values = new ValueTable();
	const all = samples(values);
	for (const a of all) {
		assert.equal(values.meet(a, a), a);
		assert.equal(values.meet(a, TOP), TOP);
		for (const b of all) {
			const met = values.meet(a, b);
			assert.equal(values.meet(b, a), met, `${text(values, a)} and ${text(values, b)}`);
			assert.equal(values.meet(met, a), met, `${text(values, a)} and ${text(values, b)}: meeting again goes on`);
			for (const part of [a, b]) {
				forEachMeaning(values, part, (n, atom) => {
					assert.ok(
						includes(values, met, n, atom),
						`${text(values, a)} ∧ ${text(values, b)} = ${text(values, met)} leaves out ${n}`,
					);
				});
			}
		}
	}
});

test("setting and clearing bits says what the machine would do", () => {
	const values = new ValueTable();
	for (const value of samples(values)) {
		if (values.base(value) === Base.Function || values.base(value) === Base.Error) continue;
		for (const set of [0, 1, 4, 6]) {
			for (const clear of [0, 2, 8, 0x400]) {
				const masked = values.masked(value, set, clear);
				forEachMeaning(values, value, (n, atom) => {
					const result = (n | set) & ~clear;
					assert.ok(
						includes(values, masked, result, atom),
						`(${text(values, value)} | ${set}) & ~${clear} = ${text(values, masked)} leaves out ${result}`,
					);
				});
			}
		}
	}
});

test("a parameter's mask at a call is the mask of its argument", () => {
	const values = new ValueTable();
	const zeroed = values.masked(values.atom(ATOM), 0x100, 0);
	assert.equal(values.substitute(zeroed, values.int(0xc0)), values.int(0x1c0));
	const cleared = values.masked(values.atom(ATOM), 0, 0x40);
	assert.equal(values.substitute(cleared, values.int(0xc0)), values.int(0x80));
	assert.equal(values.substitute(values.atom(ATOM), values.int(5)), values.int(5));
	assert.equal(values.substitute(values.atom(ATOM), TOP), TOP);
});
