import { fromLatin1, latin1 } from "../../base/bytes.ts";
import type { Dice } from "../dice.ts";

/** Carried by every message that the simulation makes; never used twice. */
export type Token = string;

export interface Letter {
  readonly token: Token;
  readonly bytes: Uint8Array;
  readonly is8bit: boolean;
}

/** What a stored or sent message is: a letter, or a notice (RFC 3464) about one, or neither. */
export type Contents =
  | { readonly kind: "letter"; readonly token: Token }
  | {
      readonly kind: "notice";
      readonly token: Token;
      readonly messageId: string;
      readonly reports: readonly { readonly address: string; readonly action: string }[];
      /** A notice about a notice must never be. */
      readonly isAboutNotice: boolean;
    }
  | { readonly kind: "other" };

const field = "X-Sim-Token";

export function writeLetter(dice: Dice, token: Token, from: string): Letter {
  const is8bit = dice.chance(0.2);
  const lines = [
    `From: <${from || "mailer-daemon@elsewhere.test"}>`,
    "To: undisclosed-recipients:;",
    `Subject: Letter ${token}`,
    "Date: Thu, 1 Jan 2026 00:00:00 +0000",
    `Message-ID: <${token}@sim.test>`,
    `${field}: ${token}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Transfer-Encoding: ${is8bit ? "8bit" : "7bit"}`,
    "",
  ];
  const lineCount = dice.spread(1, 400);
  for (let count = 0; count < lineCount; count++) lines.push(writeLine(dice, is8bit));
  return { token, bytes: fromLatin1(`${lines.join("\r\n")}\r\n`), is8bit };
}

function writeLine(dice: Dice, is8bit: boolean): string {
  switch (dice.between(0, 9)) {
    case 0:
      return ".";
    case 1:
      return `..${"x".repeat(dice.between(0, 70))}`;
    case 2:
      return "";
    case 3:
      return is8bit ? "\u00c4\u008d\u00c5\u00be" : "From here";
    default:
      return "the quick pigeon flies home ".repeat(dice.between(1, 3)).trim();
  }
}

export function readContents(bytes: Uint8Array): Contents {
  const text = latin1(bytes);
  const headerEnd = text.indexOf("\r\n\r\n");
  const header = headerEnd < 0 ? text : text.slice(0, headerEnd + 2);
  const own = findToken(header);
  if (own !== undefined) return { kind: "letter", token: own };
  if (!/^Content-Type: multipart\/report/im.test(header)) return { kind: "other" };
  const body = text.slice(header.length);
  const reports = [...body.matchAll(/^Final-Recipient: *[a-z0-9-]+; *(\S+)\r\nAction: *(\w+)/gim)];
  return {
    kind: "notice",
    token: findToken(body) ?? "",
    messageId: /^Message-ID: *<([^>]*)>/im.exec(header)?.[1] ?? "",
    reports: reports.map(([, address = "", action = ""]) => ({ address, action })),
    isAboutNotice: /^Content-Type: multipart\/report/im.test(body),
  };
}

function findToken(text: string): Token | undefined {
  return /^X-Sim-Token: (\S+)\r$/im.exec(text)?.[1];
}
