// Where things are, seen from the compiled tests.

import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
/** The bundled sample module. */
export const SAMPLE = `${ROOT}/samples/wisp`;
/** Where the pictures of a test run are kept. */
export const SCREENSHOTS = `${ROOT}/test/screenshots`;
