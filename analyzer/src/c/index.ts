// The C front end: bytes of one file in, a unit out. It never throws and takes linear time on any bytes.
// State and buffers are kept between files; one call runs at a time in a thread.
import { Builder, IntTable } from "../ir/builder.js";
import { NONE } from "../ir/ops.js";
import type { Unit } from "../ir/unit.js";
import type { ConfigView } from "../source/kconfig.js";
import { openCleanups } from "./cleanups.js";
import { addSuppressions } from "./docs.js";
import { type Lexer, lex } from "./lex.js";
import { endScope, enterLoop, leaveLoop } from "./loops.js";
import { defines, plainDefines } from "./macros.js";
import { startsDeclaration } from "./parseDecl.js";
import { conditional, expression } from "./parseExpr.js";
import {
	addUnparsed,
	afterGroup,
	bindHere,
	fail,
	type Hooks,
	type Parser,
	recover,
	skipTo,
	useTokens,
} from "./parser.js";
import { statement } from "./parseStmt.js";
import { createPreprocessor, DEFINE_SIZE, preprocessFile, preprocessRegion, REGION_SIZE } from "./preprocess.js";
import { special } from "./specials.js";
import { createSymbols, resetSymbols } from "./symbols.js";
import { createTokens, T } from "./tokens.js";
import { fileScope } from "./topLevel.js";
import { W } from "./words.js";

let parser: Parser | undefined;
let macroTokens = createTokens(1024);

/** Buffers grown beyond this many tokens are let go after the file. */
const KEEP_TOKENS = 1 << 21;

/** Lowers one C file. `path` is for messages of the host only; nothing is read but `bytes`. */
export function lowerC(path: string, bytes: Uint8Array, config: ConfigView): Unit {
	parser ??= createParser(config);
	const p = parser;
	try {
		// one kind of array throughout: Node's Buffer would make every access in the lexer polymorphic
		return lowerFile(p, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), config);
	} catch (error) {
		// An invariant of the front end is broken: give the file up, not the run.
		parser = undefined;
		if (lowerFailures.length < 20)
			lowerFailures.push(`${path}: ${error instanceof Error ? error.stack : String(error)}`);
		return emptyUnit(bytes);
	}
}

/** Files that were given up, with the reason: must stay empty (tests and the bench look). */
export const lowerFailures: string[] = [];

function lowerFile(p: Parser, bytes: Uint8Array, config: ConfigView): Unit {
	reset(p, bytes, config);
	const pp = p.pp;
	lex(pp.lexer);
	if (pp.lexer.at < bytes.length) addUnparsed(p, pp.lexer.at, bytes.length);
	growSymbolTables(p);
	preprocessFile(pp);
	plainDefines(p);
	defines(p, 0, macroTokens);
	useTokens(p, pp.out);
	fileScope(p);
	for (let i = 0; i * REGION_SIZE < pp.regions.length; i++) {
		const firstDefine = pp.defines.length / DEFINE_SIZE;
		preprocessRegion(pp, i);
		defines(p, firstDefine, macroTokens);
		alternative(p);
	}
	includes(p);
	addSuppressions(p);
	const unit = p.builder.finish(bytes);
	release(p);
	return unit;
}

/** Functions of a branch that was not taken; what else it declares, and what it fails at, is dropped. */
function alternative(p: Parser): void {
	const b = p.builder;
	const { globals, protos, consts, inits, invocations, unparsed } = b;
	const tables = [globals, protos, consts, inits, invocations, unparsed];
	const lengths = tables.map((table) => table.length);
	const unparsedBodyBytes = b.unparsedBodyBytes;
	p.alternative = true;
	useTokens(p, p.pp.out);
	fileScope(p);
	p.alternative = false;
	for (let i = 0; i < tables.length; i++) tables[i].length = lengths[i];
	b.unparsedBodyBytes = unparsedBodyBytes;
}

function includes(p: Parser): void {
	const raw = p.pp.lexer.tokens;
	const list = p.pp.includes;
	for (let i = 0; i < list.length; i++) {
		const tok = list.data[i];
		p.builder.includes.push(p.builder.name(p.bytes, raw.start[tok], raw.end[tok]));
	}
}

const hooks: Hooks = {
	statement,
	special,
	statementExpression(p: Parser): number {
		const open = p.pos;
		const close = p.match[open];
		const inner = p.match[open + 1];
		if (inner !== close - 1) {
			fail(p);
			return p.builder.opaque();
		}
		const undo = p.scopeUndo.length;
		const keep = openCleanups(p);
		const hint = p.hint;
		p.hint = 0;
		p.blockCleanups.push(keep);
		p.pos = open + 2;
		let value = p.builder.opaque();
		while (p.pos < inner) {
			if (isLastExpression(p, inner)) {
				value = expression(p);
				if (p.kind[p.pos] === T.Semi) p.pos++;
				if (p.error || p.pos < inner) {
					addUnparsed(p, p.start[open], p.end[close]);
					recover(p, inner);
				}
			} else statement(p);
		}
		p.blockCleanups.length--;
		p.hint = hint;
		endScope(p, undo, keep);
		p.pos = close + 1;
		return value;
	},
	statementArgument(p: Parser, end: number): void {
		const { eof, endsOpen, openEnd } = p;
		const kind = p.kind[end];
		p.kind[end] = T.Eof;
		p.eof = end;
		p.endsOpen = true;
		// without a loop around it, a `break` there ends the macro's own
		const outer = p.inFunction && !p.inBreakable ? enterLoop(p) : null;
		while (p.pos < end) statement(p);
		if (outer !== null) {
			bindHere(p, p.breakList);
			bindHere(p, p.contList);
			leaveLoop(p, outer);
		}
		p.kind[end] = kind;
		p.eof = eof;
		p.endsOpen = endsOpen;
		p.openEnd = openEnd;
		p.pos = end;
	},
	constant(p: Parser): number {
		const wasDead = p.dead;
		p.dead = true;
		const value = conditional(p);
		p.dead = wasDead;
		if (!p.error) return value;
		recover(p, p.errorAt);
		return p.builder.opaque();
	},
};

/** Whether the statement at p.pos is an expression whose `;` is the last token before `end`. */
function isLastExpression(p: Parser, end: number): boolean {
	const at = p.pos;
	const kind = p.kind[at];
	if (kind === T.LBrace || kind === T.Semi || (kind === T.Keyword && p.val[at] <= W.LastTag)) return false;
	const semicolon = skipTo(p, at, T.Semi, T.Semi);
	if (semicolon < end && !(p.kind[semicolon] === T.Semi && semicolon + 1 === end)) return false;
	if (kind !== T.Ident) return true;
	const next = p.kind[at + 1];
	if (next === T.Colon || startsDeclaration(p)) return false;
	if (next !== T.LParen) return true;
	const after = p.kind[afterGroup(p, at + 1)];
	return after !== T.LBrace && after !== T.Ident && after !== T.Keyword;
}

function createParser(config: ConfigView): Parser {
	const lexer: Lexer = {
		bytes: new Uint8Array(0),
		tokens: createTokens(8192),
		symbols: createSymbols(),
		docs: { data: new Int32Array(128), length: 0 },
		suppressions: { data: new Int32Array(32), length: 0 },
		at: 0,
	};
	const pp = createPreprocessor({
		lexer,
		config,
		macros: new Int32Array(8192),
		at: 0,
		budget: 0,
		depth: 0,
		soft: false,
	});
	const none = new Int32Array(0);
	return {
		hooks,
		pp,
		builder: new Builder(),
		bytes: lexer.bytes,
		kind: new Uint8Array(0),
		start: none,
		end: none,
		val: none,
		match: none,
		pos: 0,
		eof: 0,
		error: false,
		errorAt: 0,
		depth: 0,
		symName: new Int32Array(8192),
		symVar: new Int32Array(8192),
		...functionState(),
		specFlags: 0,
		specStatic: false,
		specExtern: false,
		specTypedef: false,
		specRecord: false,
		specPerCpu: false,
		specHasType: false,
		cleanupSym: -1,
		annotationTokens: new IntTable(16),
		declSym: -1,
		declName: NONE,
		declTok: 0,
		declType: 0,
		declParams: -1,
		memberStack: new IntTable(256),
		guardSelf: NONE,
		guardField: NONE,
		guardLock: NONE,
		alternative: false,
		lookaheads: 0,
	};
}

/** What belongs to the function that is read. */
function functionState() {
	return {
		scopeUndo: new IntTable(256),
		symLabel: new Int32Array(8192),
		labels: new IntTable(64),
		labelUses: new IntTable(64),
		cleanups: new IntTable(64),
		cleanupArgs: new IntTable(64),
		blockCleanups: new IntTable(64),
		addressedLabels: new IntTable(16),
		computedGotos: new IntTable(16),
		scratch: new IntTable(256),
		cases: new IntTable(256),
		inFunction: false,
		opBase: 0,
		varBase: 0,
		dead: true,
		lastTarget: NONE,
		effects: 0,
		endList: NONE,
		breakList: NONE,
		contList: NONE,
		breakCleanups: 0,
		contCleanups: 0,
		inBreakable: false,
		inLoop: false,
		inSwitch: false,
		partial: false,
		hint: 0,
		inMacro: false,
		endsOpen: false,
		openEnd: false,
	};
}

function reset(p: Parser, bytes: Uint8Array, config: ConfigView): void {
	const lexer = p.pp.lexer;
	lexer.bytes = bytes;
	p.bytes = bytes;
	p.pp.config = config;
	resetSymbols(lexer.symbols);
	p.builder.reset();
	p.inFunction = false;
	p.inMacro = false;
	p.endsOpen = false;
	p.guardLock = NONE;
	p.alternative = false;
	p.dead = true;
	p.opBase = 0;
	p.varBase = 0;
	p.scopeUndo.length = 0;
	p.annotationTokens.length = 0;
}

/** Tables by symbol, cleared for the file's symbols. */
function growSymbolTables(p: Parser): void {
	const count = p.pp.lexer.symbols.count;
	if (p.symName.length < count) {
		p.symName = new Int32Array(count * 2);
		p.symVar = new Int32Array(count * 2);
		p.symLabel = new Int32Array(count * 2);
		return;
	}
	p.symName.fill(0, 0, count);
	p.symVar.fill(0, 0, count);
	p.symLabel.fill(0, 0, count);
}

/** Lets go of what an unusually large file made grow. */
function release(p: Parser): void {
	p.bytes = new Uint8Array(0);
	p.pp.lexer.bytes = p.bytes;
	if (p.pp.lexer.tokens.kind.length <= KEEP_TOKENS) return;
	parser = undefined;
	macroTokens = createTokens(1024);
}

/** A unit that says nothing about the file but its lines. */
function emptyUnit(bytes: Uint8Array): Unit {
	const builder = new Builder();
	builder.reset();
	builder.unparsed.push(0);
	builder.unparsed.push(bytes.length);
	return builder.finish(bytes);
}
