// What is read beside the source: configuration, versions, the kernel a module belongs to, near names.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { nearest, nearestFew } from "../src/cli/near.js";
import { DEFAULT_SETTINGS, mergeSettings, needsReindex } from "../src/config.js";
import { byteColumn, ColumnMap } from "../src/host/columns.js";
import { readConfig } from "../src/host/kconfig.js";
import { kernelTreeOfModule, moduleHeaders, namedInMakefile } from "../src/host/moduleTree.js";
import { defaultRoot, kernelVersion } from "../src/host/roots.js";
import { tempFolder } from "./tempFolder.js";

test(".config and autoconf.h say the same", (t) => {
	const expected = { CONFIG_SMP: "y", CONFIG_E1000: "m", CONFIG_HZ: "250", CONFIG_NAME: "a b" };
	const dot = 'CONFIG_SMP=y\n# CONFIG_OFF is not set\nCONFIG_E1000=m\nCONFIG_HZ=250\nCONFIG_NAME="a b"\n';
	const auto =
		'#define CONFIG_SMP 1\n#define CONFIG_E1000_MODULE 1\n#define CONFIG_HZ 250\n#define CONFIG_NAME "a b"\n';
	for (const [path, text] of [
		[".config", dot],
		["include/generated/autoconf.h", auto],
	] as const) {
		const config = readConfig(tempFolder(t, { [path]: text }), "rt");
		assert.equal(config.known, true);
		for (const [name, value] of Object.entries(expected))
			assert.equal(config.values.get(name)?.replaceAll('"', ""), value);
	}
	for (const profile of ["default", "rt"] as const) {
		const config = readConfig(tempFolder(t), profile);
		assert.equal(config.known, false);
		assert.equal(config.values.has("CONFIG_PREEMPT_RT"), profile === "rt");
	}
});

test("a tree says its version and where its root is", (t) => {
	const files = { Kbuild: "", Kconfig: "", MAINTAINERS: "", "drivers/net/x.c": "" };
	const root = tempFolder(t, { ...files, Makefile: "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\n" });
	assert.equal(defaultRoot(join(root, "drivers/net")), root);
	assert.deepEqual(kernelVersion(root), [6, 1]);
	assert.equal(readConfig(root, "default").known, false);
	const other = tempFolder(t);
	assert.equal(defaultRoot(other), other);
	assert.equal(kernelVersion(other), null);
});

test("a module's Makefile names its kernel", (t) => {
	const kernel = tempFolder(t, { "include/linux/a.h": "", "arch/x86/include/asm/b.h": "", "kernel/c.c": "" });
	const variable = `obj-m := m.o\nKDIR ?= ${kernel}\nall:\n\t$(MAKE) -C $(KDIR) M=$(PWD) modules\n`;
	const direct = `all:\n\t$(MAKE) -C ${kernel} M=$(PWD) modules\n`;
	for (const makefile of [variable, direct]) {
		const module = tempFolder(t, { Makefile: makefile, "m.c": "" });
		assert.equal(kernelTreeOfModule(module, null), kernel);
	}
	const headers = moduleHeaders(kernel).files.map((file) => file.path);
	assert.deepEqual(headers.sort(), [join(kernel, "arch/x86/include/asm/b.h"), join(kernel, "include/linux/a.h")]);
	const lost = tempFolder(t, { Makefile: "KDIR := /nowhere/at/all\n" });
	assert.equal(kernelTreeOfModule(lost, null), null);
	assert.equal(kernelTreeOfModule(lost, kernel), kernel);
});

test("commands in a Makefile are not run", () => {
	assert.equal(namedInMakefile("KDIR := $(shell touch /tmp/never; echo /x)\n", "/m"), null);
	const named = namedInMakefile("KVER ?= 6.9\nKDIR = /lib/modules/$(KVER)/build # here\n", "/m");
	assert.equal(named, "/lib/modules/6.9/build");
	assert.equal(namedInMakefile("KDIR=../linux\n", "/home/m"), "/home/linux");
});

test("near names", () => {
	assert.equal(nearest("sleep-in-atomc", ["sleep-in-atomic", "rcu-blocking"]), "sleep-in-atomic");
	assert.equal(nearest("xyz", ["sleep-in-atomic", "check"]), null);
	assert.deepEqual(nearestFew("kmaloc", ["kmalloc", "vmalloc", "kfree"], 2), ["kmalloc", "vmalloc"]);
});

test("settings that make no sense are left out", () => {
	const sent = { profile: "x", jobs: -3, rules: { a: "off", b: "loud" }, confidence: "low", trusted: "yes" };
	const merged = mergeSettings(DEFAULT_SETTINGS, sent);
	assert.deepEqual(merged, { ...DEFAULT_SETTINGS, confidence: "low", rules: { a: "off" } });
	assert.equal(needsReindex(DEFAULT_SETTINGS, merged), false);
	assert.equal(needsReindex(DEFAULT_SETTINGS, { ...merged, profile: "rt" }), true);
	assert.deepEqual(mergeSettings(DEFAULT_SETTINGS, null), DEFAULT_SETTINGS);
});

test("columns count UTF-16 units where a line is not ASCII", () => {
	const text = 'int a;\nchar *s = "größe😀"; f();\n';
	const map = new ColumnMap(() => Buffer.from(text));
	const line = text.split("\n")[1]!;
	const utf16 = line.indexOf("f(") + 1;
	const bytes = byteColumn(line, utf16);
	assert.ok(bytes > utf16);
	assert.equal(map.column("x.c", 2, bytes), utf16);
	assert.equal(map.column("x.c", 1, 5), 5);
});
