// What a feature of the language server is, and what it works with. A feature is one file in features/ and
// one line in server.ts.

import type {
	CancellationToken,
	ClientCapabilities,
	Connection,
	ServerCapabilities,
	TextDocuments,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Workspace } from "./workspace.js";

export interface ServerContext {
	readonly connection: Connection;
	readonly documents: TextDocuments<TextDocument>;
	readonly workspace: Workspace;
	/** what the client said it can do; empty until it is initialized */
	client(): ClientCapabilities;
	/** Wraps a request: when it fails or is cancelled, the answer is `fallback`, and the failure is logged. */
	guard<Params, Result>(
		name: string,
		fallback: Result,
		handler: (params: Params) => Promise<Result>,
	): (params: Params, token?: CancellationToken) => Promise<Result>;
}

export interface Feature {
	readonly capabilities: ServerCapabilities;
	readonly register: (server: ServerContext) => void;
}
