import type { MailboxRole } from "../../../store/directory.ts";
import type { MailboxRow } from "../../../store/mail.ts";
import type { ListArguments } from "../../grammar/list-arguments.ts";
import { patternMatcher } from "./match-pattern.ts";

/** One line of LIST. */
export interface ListedMailbox {
  readonly name: string;
  readonly attributes: readonly string[];
  /** Undefined for a name that only has levels below it, or is only subscribed. */
  readonly row: MailboxRow | undefined;
  /** CHILDINFO: what names below it, that do not match the pattern, were selected for. */
  readonly childInfo: readonly string[];
}

/** RFC 6154 §2. */
const useOfRole: Readonly<Record<MailboxRole, string | undefined>> = {
  inbox: undefined,
  archive: "\\Archive",
  drafts: "\\Drafts",
  flagged: "\\Flagged",
  junk: "\\Junk",
  sent: "\\Sent",
  trash: "\\Trash",
};

/** A name in the tree, made from mailboxes, their parents, and subscriptions. */
interface Node {
  row: MailboxRow | undefined;
  isSubscribed: boolean;
  hasChildren: boolean;
}

/** The names that a LIST answers with, sorted (RFC 9051 §6.3.9, RFC 5258). */
export function listMailboxes(
  rows: readonly MailboxRow[],
  subscriptions: readonly string[],
  args: ListArguments,
): ListedMailbox[] {
  const nodes = treeOf(rows, subscriptions);
  const matchers = args.patterns.map((pattern) => patternMatcher(args.reference + pattern));
  const names = [...nodes.keys()].toSorted();
  const matching = new Set(names.filter((name) => matchers.some((matches) => matches(name))));
  const below = args.selections.has("RECURSIVEMATCH")
    ? parentsOfSelected(nodes, matching, args)
    : undefined;
  const listed: ListedMailbox[] = [];
  for (const name of names) {
    const node = nodes.get(name);
    if (node === undefined || !matching.has(name)) continue;
    const childInfo = [...(below?.get(name) ?? [])];
    if (!isSelected(node, args) && childInfo.length === 0) continue;
    listed.push({ name, row: node.row, attributes: attributesOf(node, args), childInfo });
  }
  return listed;
}

function treeOf(rows: readonly MailboxRow[], subscriptions: readonly string[]): Map<string, Node> {
  const nodes = new Map<string, Node>();
  const nodeOf = (name: string): Node => {
    let node = nodes.get(name);
    if (node === undefined) {
      node = { row: undefined, isSubscribed: false, hasChildren: false };
      nodes.set(name, node);
    }
    return node;
  };
  for (const row of rows) {
    nodeOf(row.name).row = row;
    for (const parent of parentsOf(row.name)) nodeOf(parent).hasChildren = true;
  }
  for (const name of subscriptions) nodeOf(name).isSubscribed = true;
  return nodes;
}

/** "a/b", "a" for "a/b/c". */
function* parentsOf(name: string): Generator<string> {
  for (let at = name.lastIndexOf("/"); at > 0; at = name.lastIndexOf("/", at - 1)) {
    yield name.slice(0, at);
  }
}

/** Without SUBSCRIBED, names that are only subscribed do not exist. */
function isSelected(node: Node, { selections }: ListArguments): boolean {
  const exists = node.row !== undefined || node.hasChildren;
  if (selections.has("SUBSCRIBED") && !node.isSubscribed) return false;
  if (selections.has("SPECIAL-USE") && useOf(node) === undefined) return false;
  return exists || selections.has("SUBSCRIBED");
}

/** For each name, the selections that names below it, which no pattern matches, were made by. */
function parentsOfSelected(
  nodes: ReadonlyMap<string, Node>,
  matching: ReadonlySet<string>,
  args: ListArguments,
): Map<string, Set<string>> {
  const below = new Map<string, Set<string>>();
  const criteria = (["SUBSCRIBED", "SPECIAL-USE"] as const).filter((each) =>
    args.selections.has(each),
  );
  for (const [name, node] of nodes) {
    if (matching.has(name) || !isSelected(node, args)) continue;
    for (const parent of parentsOf(name)) {
      const known = below.get(parent) ?? new Set();
      for (const criterion of criteria) known.add(criterion);
      below.set(parent, known);
    }
  }
  return below;
}

function useOf(node: Node): string | undefined {
  return node.row?.role === undefined ? undefined : useOfRole[node.row.role];
}

function attributesOf(node: Node, { selections, returns, isBasic }: ListArguments): string[] {
  const attributes: string[] = [];
  if (node.row === undefined) {
    // \NonExistent implies \Noselect, which is all that older clients know (RFC 5258 §3).
    attributes.push(...(isBasic ? ["\\Noselect"] : ["\\NonExistent", "\\Noselect"]));
  }
  // RFC 3348 §3.
  attributes.push(node.hasChildren ? "\\HasChildren" : "\\HasNoChildren");
  const use = useOf(node);
  if (use !== undefined) attributes.push(use);
  if (node.isSubscribed && (returns.subscribed || selections.has("SUBSCRIBED"))) {
    attributes.push("\\Subscribed");
  }
  return attributes;
}

/** Attributes of one existing mailbox, for the LIST that rev2 wants in SELECT. */
export function listAttributes(row: MailboxRow, rows: readonly MailboxRow[]): string {
  const prefix = `${row.name}/`;
  const hasChildren = rows.some((each) => each.name.startsWith(prefix));
  const use = row.role === undefined ? undefined : useOfRole[row.role];
  return [
    hasChildren ? "\\HasChildren" : "\\HasNoChildren",
    ...(use === undefined ? [] : [use]),
  ].join(" ");
}

/** The role that a special-use attribute asks for (RFC 6154 §5.3). */
export function roleOfUse(use: string): MailboxRole | undefined {
  for (const role of ["archive", "drafts", "flagged", "junk", "sent", "trash"] as const) {
    if (useOfRole[role]?.toLowerCase() === use.toLowerCase()) return role;
  }
  return undefined;
}
