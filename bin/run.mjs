// Runs a development script (tests, checks, benchmarks) with the right Node.js.
import { launch } from "./launch.mjs";

const [script, ...args] = process.argv.slice(2);
launch(script, args);
