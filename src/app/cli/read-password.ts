import { createInterface } from "node:readline";
import { Writable } from "node:stream";

import { Refusal } from "../../base/faults.ts";

/**
 * A password typed at a terminal without being shown, or the first line of standard input when
 * that is no terminal. It is never an argument, where other users of the machine could see it.
 */
export async function readPassword(question: string): Promise<string> {
  const isTerminal = process.stdin.isTTY;
  if (isTerminal) process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: isTerminal });
  const password = await new Promise<string>((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => resolve(""));
  });
  lines.close();
  if (isTerminal) process.stderr.write("\n");
  if (password === "") throw new Refusal("syntax", "No password was given.");
  return password;
}
