import { describeBatchContract } from "./batch.contract.ts";
import { describeBlobContract } from "./blobs.contract.ts";
import type { MakeStore } from "./contract-fixtures.ts";
import { describeDirectoryContract } from "./directory.contract.ts";
import { describeFeedContract } from "./feed.contract.ts";
import { describeJourneyContract } from "./journeys.contract.ts";
import { describeKeyedContract } from "./keyed.contract.ts";
import { describeMailContract } from "./mail.contract.ts";
import { describeMailboxContract } from "./mailbox.contract.ts";
import { describeQueueContract } from "./queue.contract.ts";
import { describeReplayContract } from "./replay.contract.ts";

/** All contract suites: what an engine must pass, unchanged, to be one. */
export function describeStoreContract(name: string, make: MakeStore): void {
  describeBatchContract(name, make);
  describeMailContract(name, make);
  describeMailboxContract(name, make);
  describeDirectoryContract(name, make);
  describeQueueContract(name, make);
  describeReplayContract(name, make);
  describeJourneyContract(name, make);
  describeKeyedContract(name, make);
  describeBlobContract(name, make);
  describeFeedContract(name, make);
}
