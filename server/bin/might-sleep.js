#!/usr/bin/env node
// The command `might-sleep`: hands over to the built server.
import { runMain } from "../out/src/main.js";

await runMain(process.argv.slice(2));
