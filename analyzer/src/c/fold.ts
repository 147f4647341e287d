// hot: Folding of integer operations, so that flags and constants arrive as one number.
import type { Builder } from "../ir/builder.js";
import { BinaryOp, ExprKind, NONE } from "../ir/ops.js";

/** The folded expression, or NONE when a side is no integer or the result leaves 53 bits. */
export function fold(builder: Builder, op: BinaryOp, left: number, right: number): number {
	const data = builder.exprs.data;
	const a = left * 4;
	const b = right * 4;
	if (data[a] !== ExprKind.Int || data[b] !== ExprKind.Int) return NONE;
	switch (op) {
		case BinaryOp.And:
			return builder.int(data[a + 1] & data[b + 1], data[a + 2] & data[b + 2]);
		case BinaryOp.Or:
			return builder.int(data[a + 1] | data[b + 1], data[a + 2] | data[b + 2]);
		case BinaryOp.Xor:
			return builder.int(data[a + 1] ^ data[b + 1], data[a + 2] ^ data[b + 2]);
		default:
	}
	const x = data[a + 2] * 4294967296 + (data[a + 1] >>> 0);
	const y = data[b + 2] * 4294967296 + (data[b + 1] >>> 0);
	const value = arithmetic(op, x, y);
	return Number.isSafeInteger(value) && Number.isSafeInteger(x) && Number.isSafeInteger(y)
		? builder.intOf(value)
		: NONE;
}

function arithmetic(op: BinaryOp, x: number, y: number): number {
	switch (op) {
		case BinaryOp.Add:
			return x + y;
		case BinaryOp.Sub:
			return x - y;
		case BinaryOp.Mul:
			return x * y;
		case BinaryOp.Div:
			return y === 0 ? Number.NaN : Math.trunc(x / y);
		case BinaryOp.Mod:
			return y === 0 ? Number.NaN : x % y;
		case BinaryOp.Shl:
			return y >= 0 && y < 53 ? x * 2 ** y : Number.NaN;
		case BinaryOp.Shr:
			return y >= 0 && y < 53 ? Math.floor(x / 2 ** y) : Number.NaN;
		case BinaryOp.Eq:
			return x === y ? 1 : 0;
		case BinaryOp.Ne:
			return x !== y ? 1 : 0;
		case BinaryOp.Lt:
			return x < y ? 1 : 0;
		case BinaryOp.Le:
			return x <= y ? 1 : 0;
		case BinaryOp.Gt:
			return x > y ? 1 : 0;
		case BinaryOp.Ge:
			return x >= y ? 1 : 0;
		default:
			return Number.NaN;
	}
}
