import type { Turns } from "../turns.ts";
import type { ThreadNode, ThreadedMessage } from "./thread-node.ts";

/** Longest walk to the root when a link could close a circle; a longer one is not made. */
const walkMax = 1000;
/** Messages between two looks at the clock. */
const turnMessages = 500;

/** A node on its way into the forest. */
interface Container {
  message: ThreadedMessage | undefined;
  parent: Container | undefined;
  readonly children: Set<Container>;
  /** Where the set of containers that were ever linked together is found; a lazy union-find. */
  group: Container | undefined;
}

/**
 * RFC 5256 §3 REFERENCES, steps 1 to 3: links messages by their ids, and takes away places of
 * messages that are not there where they hold nothing together.
 */
export async function linkByReferences(
  messages: readonly ThreadedMessage[],
  turns: Turns,
): Promise<ThreadNode[]> {
  const byId = new Map<string, Container>();
  const all: Container[] = [];
  const containerOf = (id: string): Container => {
    let container = byId.get(id);
    if (container === undefined) {
      container = newContainer();
      byId.set(id, container);
      all.push(container);
    }
    return container;
  };
  for (const [at, message] of messages.entries()) {
    if (at % turnMessages === 0) await turns.take();
    link(message, containerOf, all);
  }
  return prune(all);
}

function newContainer(): Container {
  return { message: undefined, parent: undefined, children: new Set(), group: undefined };
}

function link(
  message: ThreadedMessage,
  containerOf: (id: string) => Container,
  all: Container[],
): void {
  const { messageIdHeader, references } = message;
  let own = messageIdHeader === "" ? undefined : containerOf(messageIdHeader);
  // Without an id, or with one that another message has already, it is a message of its own.
  if (own === undefined || own.message !== undefined) {
    own = newContainer();
    all.push(own);
  }
  own.message = message;
  let parent: Container | undefined;
  for (const id of references) {
    const container = containerOf(id);
    if (parent !== undefined && container.parent === undefined && mayLink(parent, container)) {
      adopt(parent, container);
    }
    parent = container;
  }
  if (parent === undefined) return;
  // What the message says of its own parent counts more than what others said (step 1.B).
  if (own.parent !== parent && mayLink(parent, own)) {
    own.parent?.children.delete(own);
    adopt(parent, own);
  }
}

function adopt(parent: Container, child: Container): void {
  child.parent = parent;
  parent.children.add(child);
  const [a, b] = [groupOf(parent), groupOf(child)];
  if (a !== b) b.group = a;
}

function groupOf(container: Container): Container {
  let at = container;
  while (at.group !== undefined) {
    const next = at.group;
    // Halves the way for the next who walks it.
    if (next.group !== undefined) at.group = next.group;
    at = next;
  }
  return at;
}

/** Whether `child` may come below `parent` without closing a circle. */
function mayLink(parent: Container, child: Container): boolean {
  if (parent === child) return false;
  if (child.children.size === 0 || groupOf(parent) !== groupOf(child)) return true;
  let steps = 0;
  for (let at: Container | undefined = parent; at !== undefined; at = at.parent) {
    if (at === child || ++steps > walkMax) return false;
  }
  return true;
}

/** Step 3, from the leaves up, without recursion: conversations may be as deep as they like. */
function prune(all: readonly Container[]): ThreadNode[] {
  const roots: ThreadNode[] = [];
  const kept = new Map<Container, ThreadNode[]>();
  for (const container of leavesFirst(all)) {
    const children: ThreadNode[] = [];
    for (const child of container.children) {
      for (const node of kept.get(child) ?? []) children.push(node);
      kept.delete(child);
    }
    const { message, parent } = container;
    const isNeeded = message !== undefined || (parent === undefined && children.length > 1);
    const nodes = isNeeded ? [{ message, children }] : children;
    if (parent === undefined) for (const node of nodes) roots.push(node);
    else kept.set(container, nodes);
  }
  return roots;
}

function leavesFirst(all: readonly Container[]): Container[] {
  const order = all.filter((container) => container.parent === undefined);
  for (let at = 0; at < order.length; at++) {
    for (const child of order[at]?.children ?? []) order.push(child);
  }
  return order.reverse();
}
