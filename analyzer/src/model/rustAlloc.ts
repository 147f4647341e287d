// Allocation in the kernel crate: the constructors and collections that take flags, their spellings before that, and
// what in a kernel tree with flags they are called now.
import type { AllocRow, SpellingRow } from "./schema.js";

const KBOX = "rust/kernel/alloc/kbox.rs";
const KVEC = "rust/kernel/alloc/kvec.rs";
const ARC = "rust/kernel/sync/arc.rs";
const RBTREE = "rust/kernel/rbtree.rs";

type Columns = Partial<Pick<AllocRow, "implicit" | "alwaysSleeps" | "ahead">>;

/** `name:index` for each function of a type: the index of its flags. */
function functions(type: string, list: string, source: string, columns: Columns = {}): AllocRow[] {
	return list.split(" ").map((entry) => {
		const [name, index] = entry.split(":");
		return { name: `${type}::${name}`, gfp: Number(index), fails: "err", ...columns, source };
	});
}

const BOX = "new:1 new_uninit:0 pin:1 pin_init:1 try_pin_init:1 init:1 try_init:1 pin_slice:2";
const VEC = "with_capacity:1 reserve:2 extend_from_slice:2 extend_with:3 from_elem:2 resize:3 collect:1 shrink_to:2";
/** vmalloc sleeps whatever its flags say. */
const SLEEPS: Columns = { alwaysSleeps: true };

/** Room for one more can be asked for before. */
const AHEAD: Columns = { ahead: { room: "reserve", within: "push_within_capacity", since: [6, 16] } };

const withFlags: readonly AllocRow[] = [
	...["Box", "KBox", "KVBox"].flatMap((type) => functions(type, BOX, KBOX)),
	...functions("VBox", BOX, KBOX, SLEEPS),
	...["Vec", "KVec", "KVVec"].flatMap((type) => functions(type, VEC, KVEC)),
	...functions("VVec", VEC, KVEC, SLEEPS),
	...["Vec", "KVec", "KVVec"].flatMap((type) => functions(type, "push:2", KVEC, AHEAD)),
	...functions("VVec", "push:2", KVEC, { ...SLEEPS, ...AHEAD }),
	...functions("IntoIter", "collect:1", KVEC),
	...functions("Arc", "new:1 pin_init:1 try_pin_init:1 init:1 try_init:1", ARC),
	...functions("UniqueArc", "new:1 new_uninit:0 pin_init:1 try_pin_init:1 init:1 try_init:1", ARC),
	...functions("ListArc", "new:1 pin_init:1 try_pin_init:1 init:1 try_init:1", "rust/kernel/list/arc.rs"),
	...functions("RBTree", "try_create_and_insert:3", RBTREE),
	...functions("RBTreeNode", "new:2", RBTREE),
	...functions("RBTreeNodeReservation", "new:0", RBTREE),
	...functions("Page", "alloc_page:0", "rust/kernel/page.rs"),
	...functions("UserSliceReader", "read_all:2", "rust/kernel/uaccess.rs"),
	...functions("Queue", "try_spawn:1", "rust/kernel/workqueue.rs"),
];

/** No flags: what they allocate with is built in. */
const IMPLICIT: Columns = { implicit: "GFP_KERNEL" };
const builtIn: readonly AllocRow[] = [
	...functions("CString", "try_from_fmt:-1", "rust/kernel/str.rs", IMPLICIT),
	{ name: "kvec!", gfp: -1, fails: "err", ...IMPLICIT, source: KVEC },
];

const OLD = "rust/kernel/allocator.rs";
/** What makes a String of the standard library of what it is called on. */
const SHOWN = "str char bool u8 u16 u32 u64 usize i8 i16 i32 i64 isize".split(" ");
const TEXTS: readonly string[] = [...SHOWN.map((type) => `${type}::to_string`), "str::to_owned"];
const old: readonly AllocRow[] = [
	...["Box", "KBox"].flatMap((type) => [
		...functions(type, "try_new_atomic:-1", OLD, { implicit: "GFP_ATOMIC" }),
		...functions(type, "try_new:-1 try_new_uninit:-1 try_new_zeroed:-1 try_pin:-1", OLD, IMPLICIT),
	]),
	...["Vec", "KVec"].flatMap((type) => [
		...functions(type, "try_push:-1 try_reserve:-1 try_reserve_exact:-1 try_with_capacity:-1", OLD, IMPLICIT),
		...functions(type, "try_extend_from_slice:-1 try_resize:-1", OLD, IMPLICIT),
	]),
	...functions("Arc", "try_new:-1 try_new_uninit:-1", OLD, IMPLICIT),
	...functions("UniqueArc", "try_new:-1 try_new_uninit:-1", OLD, IMPLICIT),
	...["format!", "vec!", "String::from"].map(
		(name): AllocRow => ({ name, gfp: -1, fails: "never", ...IMPLICIT, source: OLD }),
	),
	...TEXTS.map((name): AllocRow => ({ name, gfp: -1, fails: "never", ...IMPLICIT, source: OLD })),
];

export const rustAllocators: readonly AllocRow[] = [...withFlags, ...builtIn, ...old];

/** Where the crate's own sources are: with them it is plain what a function takes. */
export const KERNEL_CRATE = "rust/kernel/";

/** The version from which on allocations take flags. */
export const FLAGS_SINCE = [6, 10] as const;

/** `old=new` for each function of a type that was called `before` and is `after` (or, for a while, `before` still). */
function renamed(before: string, after: string, list: string): SpellingRow[] {
	return list.split(" ").map((entry) => {
		const [old, name, flags] = entry.split("=");
		return {
			name: `${before}::${old}`,
			now: [
				...(after === before ? [] : [{ name: `${after}::${name}`, since: [6, 12] as const }]),
				{ name: `${before}::${name}`, since: FLAGS_SINCE },
			],
			...(flags === undefined ? {} : { flags }),
			source: OLD,
		};
	});
}

/** What never fails, and is another call altogether where allocations may: in trees that have the function `by`. */
const written = (name: string, by: string, since: readonly [number, number], text: string): SpellingRow => ({
	name,
	now: [{ name: by, since, written: text }],
	source: OLD,
});

const BOXES = "try_new=new try_new_atomic=new=GFP_ATOMIC try_new_uninit=new_uninit try_pin=pin";
const LISTS =
	"try_push=push try_reserve=reserve try_reserve_exact=reserve try_with_capacity=with_capacity try_extend_from_slice=extend_from_slice try_resize=resize";

/** Names that stand for types of the standard library, and for the crate's own: without flags, the former are meant. */
const bare = (name: string, now: string): SpellingRow => ({
	name,
	now: [{ name: now, since: [6, 12] }],
	bare: true,
	source: OLD,
});

export const spellings: readonly SpellingRow[] = [
	...["Box", "KBox"].map(
		(type): SpellingRow => ({
			name: `${type}::try_new_zeroed`,
			now: [{ name: "KBox::new_uninit", since: [6, 12] }],
			adds: "__GFP_ZERO",
			source: OLD,
		}),
	),
	bare("Box::new", "KBox::new"),
	bare("Box::pin", "KBox::pin"),
	bare("Vec::with_capacity", "KVec::with_capacity"),
	...["Box", "KBox"].flatMap((type) => renamed(type, "KBox", BOXES)),
	...["Vec", "KVec"].flatMap((type) => renamed(type, "KVec", LISTS)),
	...renamed("Arc", "Arc", "try_new=new"),
	...renamed("UniqueArc", "UniqueArc", "try_new=new try_new_uninit=new_uninit"),
	written("format!", "CString::try_from_fmt", FLAGS_SINCE, "CString::try_from_fmt(fmt!($))?"),
	written("String::from", "CString::try_from_fmt", FLAGS_SINCE, 'CString::try_from_fmt(fmt!("{}", $))?'),
	...TEXTS.map((name) => written(name, "CString::try_from_fmt", FLAGS_SINCE, 'CString::try_from_fmt(fmt!("{}", $))?')),
	written("vec!", "KVec::with_capacity", [6, 12], "kvec![$]?"),
];
