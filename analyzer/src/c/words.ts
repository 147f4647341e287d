// The words the C front end knows by number: keywords, attributes, special calls, directives, definers.
// The lexer interns them first, so that a word's symbol is its number here and its group is a range.
// `W` and `WORDS` list the same words in the same order (a test compares them).

export const enum W {
	// statements and asm
	if,
	else,
	while,
	do,
	for,
	switch,
	case,
	default,
	return,
	goto,
	break,
	continue,
	asm,
	__asm__,
	__asm,
	LastStatement = __asm,
	// storage classes and function specifiers
	typedef,
	static,
	extern,
	register,
	auto,
	inline,
	__inline,
	__inline__,
	__always_inline,
	_Noreturn,
	__extension__,
	_Thread_local,
	__thread,
	LastStorage = __thread,
	// qualifiers
	const,
	volatile,
	restrict,
	__const,
	__const__,
	__volatile,
	__volatile__,
	__restrict,
	__restrict__,
	_Atomic,
	LastQualifier = _Atomic,
	// type words
	void,
	char,
	short,
	int,
	long,
	float,
	double,
	signed,
	unsigned,
	_Bool,
	__signed__,
	__signed,
	__int128,
	__int128_t,
	__uint128_t,
	_Complex,
	__auto_type,
	LastTypeWord = __auto_type,
	// tags and typeof
	struct,
	union,
	enum,
	typeof,
	__typeof__,
	__typeof,
	typeof_unqual,
	__typeof_unqual__,
	LastTag = __typeof_unqual__,
	// attribute keywords
	__attribute__,
	__attribute,
	_Alignas,
	__declspec,
	LastAttributeKeyword = __declspec,
	// operators that look like functions
	sizeof,
	_Alignof,
	__alignof__,
	__alignof,
	_Generic,
	_Static_assert,
	__builtin_offsetof,
	LastKeyword = __builtin_offsetof,
	// names of types
	bool,
	u8,
	u16,
	u32,
	u64,
	s8,
	s16,
	s32,
	s64,
	__u8,
	__u16,
	__u32,
	__u64,
	__s8,
	__s16,
	__s32,
	__s64,
	__wsum,
	__sum16,
	uint,
	ulong,
	ushort,
	uchar,
	u_int,
	u_char,
	u_long,
	u_short,
	uint8,
	uint16,
	uint32,
	uint64,
	int8,
	int16,
	int32,
	int64,
	FILE,
	LastTypeName = FILE,
	// attributes without effect here
	__maybe_unused,
	__always_unused,
	__used,
	__unused,
	__must_check,
	__pure,
	__attribute_const__,
	__cold,
	__hot,
	__visible,
	asmlinkage,
	notrace,
	noinline,
	noinline_for_stack,
	__noinline,
	nokprobe_inline,
	__kprobes,
	__sched,
	__cpuidle,
	noinstr,
	__latent_entropy,
	__randomize_layout,
	__read_mostly,
	__ro_after_init,
	__cacheline_aligned,
	____cacheline_aligned,
	__cacheline_aligned_in_smp,
	____cacheline_aligned_in_smp,
	____cacheline_internodealigned_in_smp,
	__aligned,
	__packed,
	__user,
	__iomem,
	__rcu,
	__percpu,
	__kernel,
	__force,
	__nocast,
	__bitwise,
	__private,
	__section,
	__printf,
	__scanf,
	__malloc,
	__alloc_size,
	__assume_aligned,
	__designated_init,
	__counted_by,
	__irq_entry,
	__softirq_entry,
	__naked,
	__deprecated,
	fastcall,
	__bpf_kfunc,
	__nocfi,
	__efiapi,
	__no_kcsan,
	__no_sanitize_address,
	__initdata,
	__initconst,
	__refdata,
	__exitdata,
	__net_initdata,
	__visible_for_testing,
	__lockfunc,
	LastPlainAttribute = __lockfunc,
	// attributes: initialisation code
	__init,
	__exit,
	__ref,
	__meminit,
	__devinit,
	__cpuinit,
	__net_init,
	__net_exit,
	__init_or_module,
	__paginginit,
	__init_refok,
	__head,
	LastInitAttribute = __head,
	// attributes with an effect
	__noreturn,
	__weak,
	__free,
	__cleanup,
	noreturn,
	weak,
	__noreturn__,
	__weak__,
	cleanup,
	__cleanup__,
	LastAttribute = __cleanup__,
	// annotations of context
	__acquires,
	__releases,
	__must_hold,
	__cond_acquires,
	__cond_releases,
	__must_hold_shared,
	__acquires_shared,
	__releases_shared,
	__cond_lock,
	LastAnnotation = __cond_lock,
	// transparent or special calls
	likely,
	unlikely,
	__builtin_expect,
	READ_ONCE,
	ACCESS_ONCE,
	WRITE_ONCE,
	rcu_dereference,
	rcu_dereference_bh,
	rcu_dereference_sched,
	rcu_dereference_raw,
	rcu_dereference_check,
	rcu_dereference_bh_check,
	rcu_dereference_sched_check,
	rcu_dereference_protected,
	rcu_dereference_rtnl,
	rtnl_dereference,
	rcu_access_pointer,
	srcu_dereference,
	rcu_assign_pointer,
	RCU_INIT_POINTER,
	smp_load_acquire,
	smp_store_release,
	data_race,
	container_of,
	container_of_const,
	__builtin_constant_p,
	__builtin_choose_expr,
	__builtin_types_compatible_p,
	__same_type,
	__builtin_unreachable,
	unreachable,
	offsetof,
	offsetofend,
	sizeof_field,
	va_arg,
	__builtin_va_arg,
	IS_ENABLED,
	IS_BUILTIN,
	IS_MODULE,
	IS_REACHABLE,
	BIT,
	BIT_ULL,
	_BITUL,
	_BITULL,
	return_ptr,
	no_free_ptr,
	retain_and_null_ptr,
	guard,
	scoped_guard,
	scoped_cond_guard,
	CLASS,
	fallthrough,
	alignof,
	L,
	KERNEL_VERSION,
	__typecheck,
	typecheck,
	LastSpecial = typecheck,
	// words of #if and other directives
	define,
	undef,
	include,
	include_next,
	ifdef,
	ifndef,
	elif,
	endif,
	error,
	warning,
	pragma,
	line,
	ident,
	defined,
	__has_attribute,
	__has_builtin,
	__has_include,
	__KERNEL__,
	__ASSEMBLY__,
	__ASSEMBLER__,
	__CHECKER__,
	__cplusplus,
	MODULE,
	__GNUC__,
	__GNUC_MINOR__,
	GCC_VERSION,
	LINUX_VERSION_CODE,
	BITS_PER_LONG,
	__BITS_PER_LONG,
	__VA_ARGS__,
	__VA_OPT__,
	__GENKSYMS__,
	elifdef,
	elifndef,
	__LP64__,
	__x86_64__,
	__CHECK_ENDIAN__,
	__BINDGEN__,
	BUILD_VDSO32,
	__LITTLE_ENDIAN,
	__BYTE_ORDER,
	__BIG_ENDIAN,
	LastDirective = __BIG_ENDIAN,
	// definers
	SYSCALL_DEFINE0,
	SYSCALL_DEFINE1,
	SYSCALL_DEFINE2,
	SYSCALL_DEFINE3,
	SYSCALL_DEFINE4,
	SYSCALL_DEFINE5,
	SYSCALL_DEFINE6,
	COMPAT_SYSCALL_DEFINE0,
	COMPAT_SYSCALL_DEFINE1,
	COMPAT_SYSCALL_DEFINE2,
	COMPAT_SYSCALL_DEFINE3,
	COMPAT_SYSCALL_DEFINE4,
	COMPAT_SYSCALL_DEFINE5,
	COMPAT_SYSCALL_DEFINE6,
	DEFINE_GUARD,
	DEFINE_GUARD_COND,
	DEFINE_LOCK_GUARD_0,
	DEFINE_LOCK_GUARD_1,
	DEFINE_LOCK_GUARD_1_COND,
	DEFINE_CLASS,
	DEFINE_FREE,
	EXTEND_CLASS,
	TRACE_EVENT,
	TRACE_EVENT_CONDITION,
	TRACE_EVENT_FN,
	TRACE_EVENT_FN_COND,
	TRACE_EVENT_FLAGS,
	TRACE_EVENT_PERF_PERM,
	TRACE_EVENT_NOP,
	DECLARE_EVENT_CLASS,
	DECLARE_EVENT_CLASS_NOP,
	DEFINE_EVENT,
	DEFINE_EVENT_FN,
	DEFINE_EVENT_CONDITION,
	DEFINE_EVENT_PRINT,
	DEFINE_EVENT_NOP,
	DECLARE_TRACE,
	FTRACE_ENTRY,
	FTRACE_ENTRY_DUP,
	FTRACE_ENTRY_FN,
	FTRACE_ENTRY_PACKED,
	FTRACE_ENTRY_REG,
	LIST_HEAD,
	HLIST_HEAD,
	DEFINE_PER_CPU,
	DECLARE_PER_CPU,
	DEFINE_PER_CPU_ALIGNED,
	DEFINE_PER_CPU_SHARED_ALIGNED,
	DEFINE_PER_CPU_READ_MOSTLY,
	DECLARE_PER_CPU_READ_MOSTLY,
	DECLARE_PER_CPU_ALIGNED,
	DECLARE_PER_CPU_SHARED_ALIGNED,
	DEFINE_PER_CPU_PAGE_ALIGNED,
	DEFINE_PER_CPU_FIRST,
	DECLARE_PER_CPU_FIRST,
	struct_group,
	struct_group_attr,
	struct_group_tagged,
	__struct_group,
	DECLARE_FLEX_ARRAY,
	__DECLARE_FLEX_ARRAY,
	DECLARE_BITMAP,
	DECLARE_HASHTABLE,
	LastWord = DECLARE_HASHTABLE,
	Count = DECLARE_HASHTABLE + 1,
}

/** The spelling of each word, in the order of `W`. */
export const WORDS: readonly string[] = [
	// statements and asm
	...`
		if else while do for switch case default return goto break continue asm __asm__ __asm
	`
		.trim()
		.split(/\s+/),
	// storage classes and function specifiers
	...`
		typedef static extern register auto inline __inline __inline__ __always_inline _Noreturn __extension__
		_Thread_local __thread
	`
		.trim()
		.split(/\s+/),
	// qualifiers
	...`
		const volatile restrict __const __const__ __volatile __volatile__ __restrict __restrict__ _Atomic
	`
		.trim()
		.split(/\s+/),
	// type words
	...`
		void char short int long float double signed unsigned _Bool __signed__ __signed __int128 __int128_t
		__uint128_t _Complex __auto_type
	`
		.trim()
		.split(/\s+/),
	// tags and typeof
	...`
		struct union enum typeof __typeof__ __typeof typeof_unqual __typeof_unqual__
	`
		.trim()
		.split(/\s+/),
	// attribute keywords
	...`
		__attribute__ __attribute _Alignas __declspec
	`
		.trim()
		.split(/\s+/),
	// operators that look like functions
	...`
		sizeof _Alignof __alignof__ __alignof _Generic _Static_assert __builtin_offsetof
	`
		.trim()
		.split(/\s+/),
	// names of types
	...`
		bool u8 u16 u32 u64 s8 s16 s32 s64 __u8 __u16 __u32 __u64 __s8 __s16 __s32 __s64 __wsum __sum16 uint ulong
		ushort uchar u_int u_char u_long u_short uint8 uint16 uint32 uint64 int8 int16 int32 int64 FILE
	`
		.trim()
		.split(/\s+/),
	// attributes without effect here
	...`
		__maybe_unused __always_unused __used __unused __must_check __pure __attribute_const__ __cold __hot __visible
		asmlinkage notrace noinline noinline_for_stack __noinline nokprobe_inline __kprobes __sched __cpuidle noinstr
		__latent_entropy __randomize_layout __read_mostly __ro_after_init __cacheline_aligned ____cacheline_aligned
		__cacheline_aligned_in_smp ____cacheline_aligned_in_smp ____cacheline_internodealigned_in_smp __aligned
		__packed __user __iomem __rcu __percpu __kernel __force __nocast __bitwise __private __section __printf
		__scanf __malloc __alloc_size __assume_aligned __designated_init __counted_by __irq_entry __softirq_entry
		__naked __deprecated fastcall __bpf_kfunc __nocfi __efiapi __no_kcsan __no_sanitize_address __initdata
		__initconst __refdata __exitdata __net_initdata __visible_for_testing __lockfunc
	`
		.trim()
		.split(/\s+/),
	// attributes: initialisation code
	...`
		__init __exit __ref __meminit __devinit __cpuinit __net_init __net_exit __init_or_module __paginginit
		__init_refok __head
	`
		.trim()
		.split(/\s+/),
	// attributes with an effect
	...`
		__noreturn __weak __free __cleanup noreturn weak __noreturn__ __weak__ cleanup __cleanup__
	`
		.trim()
		.split(/\s+/),
	// annotations of context
	...`
		__acquires __releases __must_hold __cond_acquires __cond_releases __must_hold_shared __acquires_shared
		__releases_shared __cond_lock
	`
		.trim()
		.split(/\s+/),
	// transparent or special calls
	...`
		likely unlikely __builtin_expect READ_ONCE ACCESS_ONCE WRITE_ONCE rcu_dereference rcu_dereference_bh
		rcu_dereference_sched rcu_dereference_raw rcu_dereference_check rcu_dereference_bh_check
		rcu_dereference_sched_check rcu_dereference_protected rcu_dereference_rtnl rtnl_dereference rcu_access_pointer
		srcu_dereference rcu_assign_pointer RCU_INIT_POINTER smp_load_acquire smp_store_release data_race container_of
		container_of_const __builtin_constant_p __builtin_choose_expr __builtin_types_compatible_p __same_type
		__builtin_unreachable unreachable offsetof offsetofend sizeof_field va_arg __builtin_va_arg IS_ENABLED
		IS_BUILTIN IS_MODULE IS_REACHABLE BIT BIT_ULL _BITUL _BITULL return_ptr no_free_ptr retain_and_null_ptr guard
		scoped_guard scoped_cond_guard CLASS fallthrough alignof L KERNEL_VERSION __typecheck typecheck
	`
		.trim()
		.split(/\s+/),
	// words of #if and other directives
	...`
		define undef include include_next ifdef ifndef elif endif error warning pragma line ident defined
		__has_attribute __has_builtin __has_include __KERNEL__ __ASSEMBLY__ __ASSEMBLER__ __CHECKER__ __cplusplus
		MODULE __GNUC__ __GNUC_MINOR__ GCC_VERSION LINUX_VERSION_CODE BITS_PER_LONG __BITS_PER_LONG __VA_ARGS__
		__VA_OPT__ __GENKSYMS__ elifdef elifndef __LP64__ __x86_64__ __CHECK_ENDIAN__ __BINDGEN__ BUILD_VDSO32
		__LITTLE_ENDIAN __BYTE_ORDER __BIG_ENDIAN
	`
		.trim()
		.split(/\s+/),
	// definers
	...`
		SYSCALL_DEFINE0 SYSCALL_DEFINE1 SYSCALL_DEFINE2 SYSCALL_DEFINE3 SYSCALL_DEFINE4 SYSCALL_DEFINE5
		SYSCALL_DEFINE6 COMPAT_SYSCALL_DEFINE0 COMPAT_SYSCALL_DEFINE1 COMPAT_SYSCALL_DEFINE2 COMPAT_SYSCALL_DEFINE3
		COMPAT_SYSCALL_DEFINE4 COMPAT_SYSCALL_DEFINE5 COMPAT_SYSCALL_DEFINE6 DEFINE_GUARD DEFINE_GUARD_COND
		DEFINE_LOCK_GUARD_0 DEFINE_LOCK_GUARD_1 DEFINE_LOCK_GUARD_1_COND DEFINE_CLASS DEFINE_FREE EXTEND_CLASS
		TRACE_EVENT TRACE_EVENT_CONDITION TRACE_EVENT_FN TRACE_EVENT_FN_COND TRACE_EVENT_FLAGS TRACE_EVENT_PERF_PERM
		TRACE_EVENT_NOP DECLARE_EVENT_CLASS DECLARE_EVENT_CLASS_NOP DEFINE_EVENT DEFINE_EVENT_FN
		DEFINE_EVENT_CONDITION DEFINE_EVENT_PRINT DEFINE_EVENT_NOP DECLARE_TRACE FTRACE_ENTRY FTRACE_ENTRY_DUP
		FTRACE_ENTRY_FN FTRACE_ENTRY_PACKED FTRACE_ENTRY_REG LIST_HEAD HLIST_HEAD DEFINE_PER_CPU DECLARE_PER_CPU
		DEFINE_PER_CPU_ALIGNED DEFINE_PER_CPU_SHARED_ALIGNED DEFINE_PER_CPU_READ_MOSTLY DECLARE_PER_CPU_READ_MOSTLY
		DECLARE_PER_CPU_ALIGNED DECLARE_PER_CPU_SHARED_ALIGNED DEFINE_PER_CPU_PAGE_ALIGNED DEFINE_PER_CPU_FIRST
		DECLARE_PER_CPU_FIRST struct_group struct_group_attr struct_group_tagged __struct_group DECLARE_FLEX_ARRAY
		__DECLARE_FLEX_ARRAY DECLARE_BITMAP DECLARE_HASHTABLE
	`
		.trim()
		.split(/\s+/),
];
