/** RFC 5464: annotations of a mailbox, as JSON; NULL when there are none. */
export const annotations = "ALTER TABLE mailbox ADD COLUMN annotations TEXT";
