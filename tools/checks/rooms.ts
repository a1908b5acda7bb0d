import type { Tree } from "../tree.ts";
import type { Finding } from "./check.ts";
import { findImports, type Import } from "./imports.ts";

const tablePath = "tools/rooms.tsv";
const namesRefused = new Set(["common", "util", "utils", "helpers", "core", "shared", "misc"]);
/** Protocols never know each other; they meet in mailbox, accounts, delivery and queue. */
const doors = new Set(["smtp", "imap", "pop3", "managesieve", "jmap", "dav"]);

/** For each room, from the bottom up, the rooms that it may import. */
type Table = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Rooms are the folders of src/. A room imports the rooms that its row of tools/rooms.tsv names,
 * all above it in that file, and only their top-level files; its tests may use every room above
 * it but another door. Folders beside src/ import public files of any room, and no room them. A
 * row `store/memory` makes that folder a room of its own, which knows the insides of its parent.
 */
export function checkRooms(tree: Tree): Finding {
  const faults: string[] = [];
  const table = readTable(tree.get(tablePath) ?? "", faults);
  const paths = [...tree.keys()];
  const rooms = new Set(
    paths.map((path) => roomOf(path, table)).filter((room) => room !== undefined),
  );
  for (const room of rooms) faults.push(...faultsOfRoom(room, table, tree));
  let imports = 0;
  for (const [path, text] of tree) {
    if (!/^(src|tools|bench|interop)\/.*\.ts$/.test(path)) continue;
    for (const found of findImports(path, text)) {
      imports++;
      const fault = faultOfImport(path, found, table, tree);
      if (fault !== undefined) faults.push(`${path}:${found.line}: ${fault}`);
    }
  }
  return { seen: rooms.size === 0 ? 0 : imports, units: `imports in ${rooms.size} rooms`, faults };
}

function readTable(text: string, faults: string[]): Table {
  const table = new Map<string, Set<string>>();
  for (const line of text.trimEnd().split("\n").slice(1)) {
    const [room = "", allowed = ""] = line.split("\t");
    const names = allowed === "*" ? [...table.keys()] : allowed.split(" ").filter((n) => n !== "-");
    for (const name of names) {
      if (!table.has(name)) faults.push(`${tablePath}: ${room}: ${name} is not above it`);
      if (doors.has(room) && doors.has(name))
        faults.push(`${tablePath}: ${room}: ${name} is a door`);
    }
    table.set(room, new Set(names));
  }
  return table;
}

function faultsOfRoom(room: string, table: Table, tree: Tree): string[] {
  const faults: string[] = [];
  if (namesRefused.has(room.split("/").at(-1) ?? room))
    faults.push(`src/${room}: a room's name says what it is for`);
  if (!table.has(room)) faults.push(`src/${room}: has no row in ${tablePath}`);
  const isInner = room.includes("/"); // its parent's README speaks of it
  if (!isInner && !tree.has(`src/${room}/README.md`)) faults.push(`src/${room}: has no README.md`);
  return faults;
}

function faultOfImport(path: string, found: Import, table: Table, tree: Tree) {
  const { target, specifier } = found;
  const from = roomOf(path, table);
  if (target === undefined) {
    const isSql = specifier === "node:sqlite" && from?.startsWith("store") === false;
    return isSql ? "only the store room speaks SQL" : undefined;
  }
  if (!tree.has(target)) return `${specifier} is not a file`;
  const to = roomOf(target, table);
  if (to === undefined) {
    // The manifest says which version this is; a test may hold a page against what the code says.
    const isFree = from === undefined || target === "package.json" || target.startsWith("docs/");
    return isFree ? undefined : `${target} is not in a room`;
  }
  if (to === from || from?.startsWith(`${to}/`) === true) return undefined;
  if (target.slice(`src/${to}/`.length).includes("/"))
    return `${target} is private to the room ${to}`;
  if (from === undefined || mayImport(from, to, isTest(path), table)) return undefined;
  return `the room ${from} may not import ${to} (${tablePath})`;
}

function mayImport(from: string, to: string, isForTest: boolean, table: Table): boolean {
  if (table.get(from)?.has(to) === true) return true;
  const order = [...table.keys()];
  const isAbove = order.indexOf(to) < order.indexOf(from);
  return isForTest && isAbove && !(doors.has(from) && doors.has(to));
}

function isTest(path: string): boolean {
  return /\.(test|contract|fuzz|bench|check)\.ts$|[-.]fixtures?\.ts$|\/testing\//.test(path);
}

/** The room that a path lies in; undefined outside src/ and for files directly in it. */
function roomOf(path: string, table: Table): string | undefined {
  const [, room, folder] = /^src\/([^/]+)\/(?:([^/]+)\/)?/.exec(path) ?? [];
  const inner = `${room}/${folder}`;
  return table.has(inner) ? inner : room;
}
