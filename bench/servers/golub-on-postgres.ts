import { startPrivatePostgres } from "../../tools/testing/private-postgres.ts";
import { startGolub } from "./golub.ts";
import type { BenchServer } from "./server.ts";

/**
 * The server on a PostgreSQL of its own, durable as in earnest. CPU and memory are the server's
 * alone: the database is another machine's affair in a cluster.
 */
export async function startGolubOnPostgres(options: {
  readonly portOffset: number;
}): Promise<BenchServer> {
  const postgres = startPrivatePostgres({ isDurable: true });
  try {
    const settings = [`server.store=${postgres.url}`];
    const server = await startGolub({ ...options, settings });
    return {
      ...server,
      name: "golub on postgres",
      async stop() {
        await server.stop();
        postgres.remove();
      },
    };
  } catch (error) {
    postgres.remove();
    throw error;
  }
}
