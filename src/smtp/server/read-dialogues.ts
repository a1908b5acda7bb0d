import { readdirSync, readFileSync } from "node:fs";
import { sendingLimits } from "../sending-limits.ts";
import { smtpLimits } from "../smtp-limits.ts";
import type { SmtpRole } from "../smtp-server.ts";
import type { DialogueOptions } from "./dialogue.ts";

/** One dialogue of a file: its title as a sentence, its settings, its script. */
export interface WrittenDialogue {
  readonly title: string;
  readonly options: DialogueOptions;
  readonly script: string;
}

/** All dialogues of a folder. Each begins with a line "# title", then lines "= setting value". */
export function readDialogues(folder: URL): readonly WrittenDialogue[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => readFileSync(new URL(name, folder), "utf8").split(/^(?=# )/m))
    .filter((text) => text.trim() !== "")
    .map(parseDialogue);
}

function parseDialogue(text: string): WrittenDialogue {
  const [title = "", ...lines] = text.split("\n");
  const isSetting = (line: string) => line.startsWith("= ");
  let options: DialogueOptions = {};
  for (const line of lines.filter(isSetting)) {
    const [, key = "", value = ""] = /^= (\S+) ?(.*)$/.exec(line) ?? [];
    options = { ...options, ...setting(options, key, value) };
  }
  const script = lines.filter((line) => !isSetting(line)).join("\n");
  return { title: title.slice(2), options, script };
}

function setting(before: DialogueOptions, key: string, value: string): DialogueOptions {
  switch (key) {
    case "role":
      return { role: roleOf(value) };
    case "tls":
      return { hasTls: true };
    case "implicitTls":
      return { isImplicitTls: true };
    case "plainTextLogin":
      return { plainTextLogin: value === "always" || value === "loopback" ? value : "never" };
    case "from":
      return { from: value };
    case "relayFrom":
      return { relayFrom: value.split(", ") };
    case "xclientFrom":
      return { xclientFrom: value.split(", ") };
    case "showsAddresses":
      return { showsAddresses: true };
    case "budget":
      return { budgetBytes: Number(value) };
    case "account": {
      const [address = "", quota = "0"] = value.split(" ");
      return { accounts: { ...before.accounts, [address]: Number(quota) } };
    }
    case "alias": {
      const [address = "", targets = ""] = value.split(" -> ");
      return { aliases: { ...before.aliases, [address]: targets.split(", ") } };
    }
    case "limit": {
      const [name = "", number] = value.split(" ");
      if (!Object.hasOwn(smtpLimits, name)) throw new Error(`no limit: ${name}`);
      return { limits: { ...before.limits, [name]: Number(number) } };
    }
    case "sending": {
      const [name = "", number] = value.split(" ");
      if (!Object.hasOwn(sendingLimits, name)) throw new Error(`no limit: ${name}`);
      return { sending: { ...before.sending, [name]: Number(number) } };
    }
    default:
      throw new Error(`not a setting of a dialogue: ${key}`);
  }
}

function roleOf(value: string): SmtpRole {
  const isKnown = value === "submission" || value === "both" || value === "lmtp";
  return isKnown ? value : "mx";
}
