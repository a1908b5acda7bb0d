// Runs a development script (tests, checks, benchmarks) with the right Node.js.
import { run, setUp } from "./node26.mjs";

setUp();
const [script, ...args] = process.argv.slice(2);
run(script, args);
