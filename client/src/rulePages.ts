// The page of a finding's rule: the server names its public address, here the page that came with the
// extension is opened instead, so that it fits the version and needs no network.

import { type Diagnostic, Uri } from "vscode";
import type { Middleware } from "vscode-languageclient/node";

export function rulePages(extension: Uri): Middleware {
	const localise = (diagnostics: readonly Diagnostic[]): Diagnostic[] => {
		for (const one of diagnostics) if (typeof one.code === "object") one.code = localCode(one.code, extension);
		return [...diagnostics];
	};
	return {
		handleDiagnostics: (uri, diagnostics, next) => next(uri, localise(diagnostics)),
		provideDiagnostics: async (document, previous, token, next) => {
			const report = await next(document, previous, token);
			if (report && "items" in report) localise(report.items);
			return report;
		},
	};
}

interface LinkedCode {
	readonly value: string | number;
	readonly target: Uri;
}

function localCode(code: LinkedCode, extension: Uri): LinkedCode {
	const page = /\/docs\/rules\/([a-z-]+\.md)$/.exec(code.target.path)?.[1];
	return page === undefined ? code : { value: code.value, target: Uri.joinPath(extension, "docs/rules", page) };
}
