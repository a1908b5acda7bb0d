import type { Command } from "commander";

import { getWhole, print } from "./arguments.ts";
import { call } from "./call.ts";
import { formatQueue, formatQueueEntry } from "./format.ts";
import type { CommonOptions } from "./options.ts";
import { withPlace } from "./place.ts";

/** `golub queue …` */
export function addQueue(program: Command): void {
  const queue = program.command("queue").description("Mail that waits to be sent on.");
  withPlace(queue.command("list"))
    .description("List what waits, oldest first.")
    .action(async (options: CommonOptions) =>
      print(formatQueue(await call(options, "queue.list", {}))),
    );
  withPlace(queue.command("show"))
    .argument("<id>")
    .description("Show one message with the last answer for each recipient.")
    .action(async (id: string, options: CommonOptions) => {
      print(formatQueueEntry(await call(options, "queue.show", { id: getWhole("id", id) })));
    });
  const acts = {
    retry: "Try again now.",
    hold: "Keep it from being sent until released.",
    release: "Let it be sent again.",
  };
  for (const [verb, about] of Object.entries(acts)) {
    withPlace(queue.command(verb))
      .argument("<id>")
      .description(about)
      .action(async (id: string, options: CommonOptions) => {
        await call(options, `queue.${verb}`, { id: getWhole("id", id) });
        print(`${id}: done.`);
      });
  }
  withPlace(queue.command("remove"))
    .argument("<id>")
    .option("--notice", "tell the sender that it was not delivered")
    .description("Take a message out.")
    .action(async (id: string, options: CommonOptions & { notice?: boolean }) => {
      await call(options, "queue.remove", {
        id: getWhole("id", id),
        notice: options.notice === true,
      });
      print(`${id}: done.`);
    });
}
