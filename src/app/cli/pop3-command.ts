import type { Command } from "commander";

import { print } from "./arguments.ts";
import { call } from "./call.ts";
import { formatTable } from "./format.ts";
import type { CommonOptions } from "./options.ts";
import { withPlace } from "./place.ts";

/** `golub account pop3` */
export function addPop3(account: Command): void {
  withPlace(account.command("pop3"))
    .argument("<address>")
    .description("Show what POP3 does for an account, or change it.")
    .option("--on-delete <what>", "what becomes of deleted mail: delete, trash, archive or server")
    .option("--mark-read <whether>", "whether fetched mail counts as read: yes, no or server")
    .addHelpText("after", '\n"server" is what the configuration says in its section pop3.')
    .action(
      async (
        address: string,
        options: CommonOptions & { onDelete?: string; markRead?: string },
      ) => {
        const { onDelete, markRead } = options;
        print(formatTable([await call(options, "account.pop3", { address, onDelete, markRead })]));
      },
    );
}
