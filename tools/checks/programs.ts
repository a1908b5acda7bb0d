import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../tree.ts";
import type { Finding } from "./check.ts";

/** What a program wrote, output and errors together, and the code that it ended with. */
export interface Ended {
  readonly code: number;
  readonly text: string;
}

/** TypeScript's compiler, asked to name the files that it read. */
export async function checkTypes(): Promise<Finding> {
  return readTypes(await runProgram("typescript/bin/tsc", ["-p", ".", "--listFiles"]));
}

/** oxlint with its type-aware rules, configured in .oxlintrc.json. */
export async function checkLint(): Promise<Finding> {
  return readLint(await runProgram("oxlint/bin/oxlint", ["--format=json", "."]));
}

/** oxfmt, configured in .oxfmtrc.json; with `isFixing` it writes what it would complain about. */
export async function checkFormat(isFixing: boolean): Promise<Finding> {
  if (isFixing) await runProgram("oxfmt/bin/oxfmt", ["."]);
  return readFormat(await runProgram("oxfmt/bin/oxfmt", ["--check", "."]));
}

export function readTypes({ code, text }: Ended): Finding {
  const lines = text.split("\n").filter((line) => line !== "");
  const isOwnFile = (line: string): boolean =>
    /^\/.*\.ts$|^[A-Z]:.*\.ts$/.test(line) && !line.includes("/node_modules/");
  const faults = lines.filter((line) => /: error TS\d+:|^error TS|^ +/.test(line));
  if (code !== 0 && faults.length === 0) faults.push(`tsc ended with ${code}: ${text.slice(-300)}`);
  return { seen: lines.filter(isOwnFile).length, units: "files", faults };
}

interface Diagnostic {
  readonly code?: string;
  readonly message: string;
  readonly help?: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

export function readLint({ code, text }: Ended): Finding {
  try {
    const report: { number_of_files: number; diagnostics: readonly Diagnostic[] } =
      JSON.parse(text);
    const faults = report.diagnostics.map(
      ({ filename, labels, code: rule = "", message, help = "" }) =>
        `${filename}:${labels[0]?.span.line ?? 1}: ${rule}: ${message} ${help}`.trimEnd(),
    );
    if (code !== 0 && faults.length === 0) faults.push(`oxlint ended with ${code}`);
    return { seen: report.number_of_files, units: "files", faults: faults.toSorted() };
  } catch {
    // Not a report: oxlint says in words why it could not begin.
    return { seen: 0, units: "files", faults: [text.trim()] };
  }
}

export function readFormat({ code, text }: Ended): Finding {
  const seen = Number(/on (\d+) files/.exec(text)?.[1] ?? 0);
  const faults = [...text.matchAll(/^(\S+) \(\d+m?s\)$/gm)].map(
    (match) => `${match[1]}: not formatted; npm run format does it`,
  );
  if (code !== 0 && faults.length === 0) faults.push(`oxfmt ended with ${code}: ${text.trim()}`);
  return { seen, units: "files", faults };
}

/** Runs a program of node_modules with this Node.js, in the root of the checkout. */
function runProgram(script: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, "node_modules", script), ...args], {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => (text += part));
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, text }));
  });
}
