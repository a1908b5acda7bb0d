import type { Texts } from "./texts.ts";

export const english: Texts = {
  tag: "en",
  name: "English",
  languageChanged: "English from now on.",
  languages: "Languages follow.",
  nowPassword: "Now the password.",
  mechanisms: "Mechanisms follow.",
  beginTls: "Begin TLS.",
  utf8: "UTF-8 it is.",
  capabilities: "Capabilities follow.",
  uniqueIds: "Unique names follow.",
  marked: "Marked; QUIT removes it.",
  stillHere: "Still here.",
  top: "Top of the message follows.",
  goodbye: "Goodbye.",
  notRemoved: "Messages were not removed; they are still here.",
  messages: (count, bytes) => `${count} messages (${bytes} octets)`,
  octets: (bytes) => `${bytes} octets`,
  removed: (count, left) => `Goodbye; ${count} messages removed, ${left} left.`,
  refused: (refusal) => refusal.text,
};
