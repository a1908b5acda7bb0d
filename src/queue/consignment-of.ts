import type { BlobStore } from "../store/blobs.ts";
import type { Lease } from "../store/queue.ts";
import type { Consignment } from "./courier.ts";

/** What a courier is given of a lease; the message is read from the store while it is sent. */
export function consignmentOf({ entry, recipients }: Lease, blobs: BlobStore): Consignment {
  const { prefix } = entry.message;
  return {
    entry,
    recipients,
    destination: recipients[0]?.destination ?? "",
    contentBytes: prefix.length + entry.bodyBytes,
    async *content() {
      if (prefix.length > 0) yield prefix;
      yield* blobs.stream(entry.hash);
    },
  };
}
