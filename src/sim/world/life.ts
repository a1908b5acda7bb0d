import type { Clock } from "../../base/clock.ts";
import type { Network } from "../../net/network.ts";

/**
 * The ports of one run of the program. When its life ends as in a power cut, its timers never fire
 * and its connections never open: what was under way stops where it was.
 */
export interface Life {
  readonly clock: Clock;
  readonly network: Network;
  readonly isOver: boolean;
  end(): void;
}

export function startLife(clock: Clock, network: Network): Life {
  let isOver = false;
  return {
    clock: {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, run) =>
        clock.after(delayMs, () => {
          if (!isOver) run();
        }),
    },
    network: {
      listen: (options, accept) => network.listen(options, accept),
      async connect(options) {
        const connection = await network.connect(options);
        if (!isOver) return connection;
        connection.destroy();
        return new Promise(() => undefined);
      },
    },
    get isOver() {
      return isOver;
    },
    end() {
      isOver = true;
    },
  };
}
