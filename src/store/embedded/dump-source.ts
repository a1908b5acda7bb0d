import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { Refusal } from "../../base/faults.ts";
import { silentLog } from "../../base/log.ts";
import type { DumpSource } from "../move/dump.ts";
import { readDump } from "./dump-store.ts";
import { lockFolder } from "./folder-lock.ts";
import { readVersion, schemaVersion } from "./migrate.ts";
import { refuseUnfinishedMove } from "./move-marker.ts";
import { openReadOnlyDisk } from "./node-disk.ts";
import { databaseName } from "./open-embedded-store.ts";
import { SegmentStore } from "./segment-store.ts";

/**
 * Opens the store in a folder to copy it. Nothing of it is changed; the folder may lie on a file
 * system that cannot be written, such as a snapshot.
 * @throws Refusal `unsupported` or Error with one sentence: no store there, in use, of another
 *   schema, half copied itself.
 */
export function openEmbeddedSource(folder: string): DumpSource {
  const name = path.join(folder, databaseName);
  if (sizeOf(name) === 0) throw new Refusal("unsupported", `There is no mail store in ${folder}.`);
  const isFixed = isFixedFolder(folder);
  const lock = isFixed ? undefined : lockFolder(folder);
  try {
    const database = openDatabase(folder, isFixed);
    checkVersion(database, folder);
    refuseUnfinishedMove(database, folder);
    const disk = openReadOnlyDisk(path.join(folder, "segments"));
    const segments = new SegmentStore({ disk, log: silentLog, segmentBytesMax: 0 }, 0);
    return {
      ...readDump(database, segments),
      fingerprint: async () => fingerprintOf(name),
      close: async () => {
        await segments.close();
        database.close();
        lock?.[Symbol.dispose]();
      },
    };
  } catch (error) {
    lock?.[Symbol.dispose]();
    throw error;
  }
}

function openDatabase(folder: string, isFixed: boolean): DatabaseSync {
  const name = path.join(folder, databaseName);
  if (!isFixed) return new DatabaseSync(name, { readOnly: true });
  if (sizeOf(`${name}-wal`) > 0) {
    throw new Refusal(
      "unsupported",
      `The mail store in ${folder} was not closed and cannot be written: copy the folder to a ` +
        "place that can be written, and move it from there.",
    );
  }
  // SQLite needs to be told that it will not find a place for its index of the log.
  const url = pathToFileURL(name);
  url.searchParams.set("immutable", "1");
  return new DatabaseSync(url, { readOnly: true });
}

function checkVersion(database: DatabaseSync, folder: string): void {
  const version = readVersion(database);
  if (version === schemaVersion) return;
  database.close();
  const how =
    version > schemaVersion
      ? "move it with the newer program that wrote it"
      : "start this version's server on it once, stop it, and move it then";
  throw new Refusal(
    "unsupported",
    `The mail store in ${folder} has schema version ${version}, not ${schemaVersion}: ${how}.`,
  );
}

/**
 * Whether nobody at all can write there.
 * @throws Refusal `notPermitted` when only we cannot: then a server may run unnoticed.
 */
function isFixedFolder(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EROFS") return true;
    throw new Refusal(
      "notPermitted",
      `The mail store in ${folder} belongs to another user: give the command as that user.`,
      String(error),
    );
  }
}

/** Every commit changes the database or its log; reading changes neither. */
function fingerprintOf(name: string): string {
  const texts = [name, `${name}-wal`].map((file) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat === undefined || stat.size === 0 ? "none" : `${stat.size}/${stat.mtimeMs}`;
  });
  return texts.join(" ");
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
