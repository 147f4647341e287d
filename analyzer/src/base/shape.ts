// Shapes of JSON from outside: each checks a value, naming the first wrong place, and describes itself as a
// JSON schema, so that what an editor offers and what is accepted are one and the same.

/** The part of JSON schema that shapes need. */
export type Schema = { readonly [key: string]: unknown };

export interface Shape {
	readonly schema: Schema;
	/** what is wrong with a value, and where below it; undefined when it is right */
	readonly check: (value: unknown, path: string) => string | undefined;
}

/** The same shape with a sentence for the reader of the schema. */
export function about(description: string, shape: Shape): Shape {
	return { schema: { ...shape.schema, description }, check: shape.check };
}

export const text: Shape = {
	schema: { type: "string", minLength: 1 },
	check: (value, path) => (typeof value === "string" && value !== "" ? undefined : `${path}: must be a text`),
};

export const yesNo: Shape = {
	schema: { type: "boolean" },
	check: (value, path) => (typeof value === "boolean" ? undefined : `${path}: must be true or false`),
};

export function integer(least: number, most = Number.MAX_SAFE_INTEGER): Shape {
	const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
	return {
		schema: { type: "integer", minimum: least, ...(most === Number.MAX_SAFE_INTEGER ? {} : { maximum: most }) },
		check: (value, path) => {
			const isRight = Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
			return isRight ? undefined : `${path}: must be an integer ${range}`;
		},
	};
}

export function oneOf(...words: readonly string[]): Shape {
	return {
		schema: { enum: words },
		check: (value, path) =>
			typeof value === "string" && words.includes(value) ? undefined : `${path}: must be one of ${words.join(", ")}`,
	};
}

export function matching(pattern: RegExp, what: string): Shape {
	return {
		schema: { type: "string", pattern: pattern.source },
		check: (value, path) => (typeof value === "string" && pattern.test(value) ? undefined : `${path}: must be ${what}`),
	};
}

export function list(of: Shape, least = 0): Shape {
	return {
		schema: { type: "array", items: of.schema, ...(least > 0 ? { minItems: least } : {}) },
		check: (value, path) => {
			if (!Array.isArray(value)) return `${path}: must be a list`;
			if (value.length < least) return `${path}: must have ${least === 1 ? "an entry" : `${least} entries`}`;
			return firstError(value.map((entry, i) => () => of.check(entry, `${path}[${i}]`)));
		},
	};
}

type Columns = Readonly<Record<string, Shape>>;

/** An object with these members, required and optional, and no others. */
export function record(required: Columns, optional: Columns = {}): Shape {
	const columns = new Map([...Object.entries(required), ...Object.entries(optional)]);
	const properties = Object.fromEntries([...columns].map(([name, { schema }]) => [name, schema]));
	const must = Object.keys(required);
	return {
		schema: {
			type: "object",
			properties,
			...(must.length > 0 ? { required: must } : {}),
			additionalProperties: false,
		},
		check: (value, path) => {
			if (!isRecord(value)) return `${path}: must be an object`;
			for (const name of Object.keys(value)) {
				if (!columns.has(name))
					return `${path}.${name}: there is no such member; there are ${[...columns.keys()].join(", ")}`;
			}
			for (const name of must) if (!(name in value)) return `${path}.${name}: is missing`;
			return firstError(
				Object.entries(value).map(
					([name, one]) =>
						() =>
							columns.get(name)?.check(one, `${path}.${name}`),
				),
			);
		},
	};
}

/** Any names, with values of one shape. */
export function mapping(of: Shape): Shape {
	return {
		schema: { type: "object", additionalProperties: of.schema },
		check: (value, path) => {
			if (!isRecord(value)) return `${path}: must be an object`;
			return firstError(
				Object.entries(value).map(
					([name, one]) =>
						() =>
							of.check(one, `${path}["${name}"]`),
				),
			);
		},
	};
}

/** One of several shapes; the message is that of the last. */
export function either(...shapes: readonly Shape[]): Shape {
	return {
		schema: { anyOf: shapes.map(({ schema }) => schema) },
		check: (value, path) => {
			const errors = shapes.map(({ check }) => check(value, path));
			return errors.includes(undefined) ? undefined : errors.at(-1);
		},
	};
}

/** An object with exactly one of these members. */
export function oneMember(columns: Columns): Shape {
	const names = Object.keys(columns);
	return {
		schema: {
			type: "object",
			properties: Object.fromEntries(names.map((name) => [name, columns[name]!.schema])),
			minProperties: 1,
			maxProperties: 1,
			additionalProperties: false,
		},
		check: (value, path) => {
			const given = isRecord(value) ? Object.keys(value) : [];
			if (given.length !== 1 || !names.includes(given[0]!)) return `${path}: must say one of ${names.join(", ")}`;
			return columns[given[0]!]!.check((value as Record<string, unknown>)[given[0]!], `${path}.${given[0]}`);
		},
	};
}

/** The first check that fails, with what it says. */
export function firstError(checks: readonly (() => string | undefined)[]): string | undefined {
	for (const check of checks) {
		const error = check();
		if (error !== undefined) return error;
	}
	return undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
