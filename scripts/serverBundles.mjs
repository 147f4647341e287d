// The server and its threads: what each bundle begins with. The threads' scripts lie beside the server, where it looks
// for them; who ships the server ships all of them (.vscodeignore, too).

export const serverBundles = {
	server: "server/bin/might-sleep.js",
	worker: "server/out/src/host/worker.js",
	analysisThread: "server/out/src/host/analysisThread.js",
	assistant: "server/out/src/host/assistant.js",
	storer: "server/out/src/host/storer.js",
	prefetcher: "server/out/src/host/prefetcher.js",
};
