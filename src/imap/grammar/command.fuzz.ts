import { assert } from "../../base/assert.ts";
import { fromUtf8, latin1 } from "../../base/bytes.ts";
import { Refusal } from "../../base/faults.ts";
import { parseAppend, parseReplace } from "./append-arguments.ts";
import { CommandReader, type Literal } from "./command-reader.ts";
import { parseFetch } from "./fetch-attributes.ts";
import { parseList } from "./list-arguments.ts";
import { decodeMailboxName, encodeMailboxName, nameBytesMax } from "./mailbox-name.ts";
import { parseMessageUrl } from "./message-url.ts";
import { Scanner } from "./scanner.ts";
import { parseGetMetadata, parseSetMetadata } from "./metadata-arguments.ts";
import { parseNotify } from "./notify-arguments.ts";
import { parseMultiSearch, parseSearch } from "./search-arguments.ts";
import { parseSort, parseThread } from "./sort-arguments.ts";
import { parseSelect } from "./select-arguments.ts";
import { parseFlagList } from "./flags.ts";
import { parseStatusItems } from "./status-items.ts";

const grammars: readonly ((scanner: Scanner) => unknown)[] = [
  parseAppend,
  parseReplace,
  parseFetch,
  parseList,
  parseSearch,
  parseSort,
  parseThread,
  parseSelect,
  parseNotify,
  parseGetMetadata,
  parseSetMetadata,
  parseMultiSearch,
  parseFlagList,
  parseStatusItems,
];

/** Looks at a character of the command in each grammar at most this often, and a little. */
const stepsPerCharacter = 12;
const stepsAlways = 200;

/** Any bytes are a command of each grammar or a refusal, in time linear in their length. */
export function fuzz(bytes: Uint8Array): void {
  const command = read(bytes);
  if (command === undefined) return;
  for (const parse of grammars) {
    const scanner = new Scanner(command.text, command.literals);
    try {
      parse(scanner);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
    const stepsMax = stepsPerCharacter * bytes.length + stepsAlways;
    assert(scanner.steps <= stepsMax, `${parse.name} takes ${scanner.steps} steps`);
  }
  checkName(latin1(bytes));
  parseMessageUrl(latin1(bytes));
}

/** Lines end in CRLF; literals are taken as they are announced, as far as there are bytes. */
function read(bytes: Uint8Array): { text: string; literals: readonly Literal[] } | undefined {
  const octets = latin1(bytes);
  const reader = new CommandReader();
  let at = 0;
  try {
    for (;;) {
      const end = octets.indexOf("\r\n", at);
      const header = reader.line(octets.slice(at, end < 0 ? octets.length : end));
      if (header === undefined) return reader.command;
      at = end < 0 ? octets.length : end + 2;
      const part = bytes.subarray(at, at + header.sizeBytes);
      reader.literal({ parts: [part], sizeBytes: part.length, isBinary: header.isBinary });
      at += part.length;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return undefined;
  }
}

function checkName(octets: string): void {
  let name: string;
  try {
    name = decodeMailboxName(octets, false);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return;
  }
  const encoded = encodeMailboxName(name, false);
  if (encoded.length > nameBytesMax) return;
  const again = decodeMailboxName(encoded, false);
  assert(again === name, "a name that was understood is written so that it is understood again");
}

export const seeds: readonly Uint8Array[] = [
  'INBOX (\\Seen $Work) "01-Feb-2026 12:34:56 +0100" {5+}\r\nhello',
  '2 Drafts (\\Draft) CATENATE (URL "/a;UIDVALIDITY=1/;UID=2/;SECTION=1.MIME" TEXT {2+}\r\nhi)',
  "/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER/;PARTIAL=0.10",
  "INBOX UTF8 (~{5}\r\nhello) {2}\r\nhi",
  "1:*,$ (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (A B)]<0.100> BINARY[1] BINARY.SIZE[2] PREVIEW (LAZY))",
  "1,3:7,*:2 FULL (CHANGEDSINCE 12 VANISHED)",
  '(SUBSCRIBED RECURSIVEMATCH) "" ("%" "a*") RETURN (CHILDREN STATUS (MESSAGES UIDNEXT))',
  'RETURN (MIN MAX SAVE) CHARSET UTF-8 OR (FROM "a" NOT SEEN) (SINCE 1-Feb-2026 HEADER X {1}\r\ny)',
  "RETURN (PARTIAL -1:-100 COUNT) (REVERSE DATE SUBJECT DISPLAYFROM) UTF-8 NOT SEEN",
  "REFERENCES US-ASCII (SINCE 1-Feb-2026)",
  "1:* (FLAGS) (PARTIAL 1:500 CHANGEDSINCE 7)",
  'UID 1:5 MODSEQ "/flags/\\\\seen" all 7 LARGER 5 YOUNGER 60 KEYWORD a',
  "INBOX (CONDSTORE QRESYNC (1 2 1:5 (1:3 2:4)))",
  '"" (MAXSIZE 1024 DEPTH infinity) (/private/comment "/shared/vendor/x/y")',
  "(DEPTH 1) INBOX /private/filters/values",
  'INBOX (/private/comment "a" /shared/comment {1+}\r\nx /private/x NIL)',
  "IN (subtree (A B) mailboxes INBOX personal) RETURN (COUNT) FUZZY FILTER on-the-road",
  "SET STATUS (selected (MessageNew (uid body.peek[header.fields (from)]) MessageExpunge)) (subtree (A B) NONE)",
  "&U,BTFw-/&ZeVnLIqe-",
  `${"(".repeat(200)}${")".repeat(200)}`,
  `SEARCH ${"NOT ".repeat(100)}SEEN`,
  '"\\"quoted\\\\"',
].map(fromUtf8);
