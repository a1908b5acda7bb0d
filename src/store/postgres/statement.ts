/** A query that each connection prepares once, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Names are unique within the room: a second text under a name is refused by the connection. */
export function statement(name: string, text: string): Statement {
  return { name, text };
}
