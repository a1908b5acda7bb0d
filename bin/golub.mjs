#!/usr/bin/env node
// The command `golub`: runs the program with the right Node.js.
import { launch } from "./launch.mjs";

launch("src/app/main.ts", process.argv.slice(2));
