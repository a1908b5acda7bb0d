import { test } from "node:test";
import { playDialogue } from "./dialogue.ts";
import { readDialogues } from "./read-dialogues.ts";

for (const { title, options, script } of readDialogues(new URL("dialogues/", import.meta.url))) {
  test(title, async () => {
    await using _ = await playDialogue(script, options);
  });
}
