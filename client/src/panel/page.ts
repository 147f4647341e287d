// The page of the panel: one script and one style sheet of the extension, and nothing else may be loaded.

import { randomBytes } from "node:crypto";
import { Uri, type Webview } from "vscode";

export function panelHtml(webview: Webview, extension: Uri): string {
	const address = (name: string) => webview.asWebviewUri(Uri.joinPath(extension, "dist", name)).toString();
	const nonce = randomBytes(16).toString("base64");
	const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
	return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${address("panel.css")}">
<title>Simulated kernel</title>
</head>
<body>
<script nonce="${nonce}" src="${address("panel.js")}"></script>
</body>
</html>`;
}
