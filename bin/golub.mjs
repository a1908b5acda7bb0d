#!/usr/bin/env node
// The command `golub`: finds the right Node.js and runs the program with it.
import { run, setUp } from "./node26.mjs";

setUp();
run("src/app/main.ts", process.argv.slice(2));
