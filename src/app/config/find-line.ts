/**
 * Line (from 1) at which a TOML text sets `path` ("section" or "section.key"), for messages.
 * The text has been parsed before, so a scan by lines is enough. 1 when it is not found.
 */
export function findLine(text: string, path: string): number {
  const [wantedSection, wantedKey] = path.split(".");
  let section = "";
  for (const [index, line] of text.split("\n").entries()) {
    const header = /^\s*\[+\s*([^\]]+?)\s*\]+/.exec(line)?.[1];
    if (header !== undefined) section = unquote(header);
    const name = /^\s*([\w".-]+)\s*=/.exec(line)?.[1];
    if (header === undefined && name === undefined) continue;
    const here = [section, name === undefined ? "" : unquote(name)].filter((part) => part !== "");
    const full = here.join(".");
    const isWanted =
      wantedKey === undefined
        ? full === wantedSection || full.startsWith(`${wantedSection}.`)
        : full === path || full.startsWith(`${path}.`);
    if (isWanted) return index + 1;
  }
  return 1;
}

function unquote(name: string): string {
  return name.replaceAll(/["'\s]/g, "");
}
