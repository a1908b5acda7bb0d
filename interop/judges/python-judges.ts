import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Debian's judges in one process of python3. */
export interface PythonJudges extends AsyncDisposable {
  /** The answer to one request; throws with the judge's own words when it cannot answer. */
  ask(act: string, request: object): Promise<unknown>;
}

export function startPythonJudges(): PythonJudges {
  const script = fileURLToPath(new URL("judges.py", import.meta.url));
  const child = spawn("/usr/bin/python3", [script], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(act, request) {
      child.stdin.write(`${JSON.stringify({ act, ...request })}\n`);
      const { value: line, done } = await answers.next();
      if (done === true) throw new Error("python3 ended");
      const answer: { value?: unknown; error?: string } = JSON.parse(line);
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.value;
    },
    async [Symbol.asyncDispose]() {
      const exit = once(child, "exit");
      child.stdin.end();
      await exit;
    },
  };
}
