// What other rooms (the simulator, the test server) need of configuration.
export { readConfig } from "./config/read-config.ts";
export type { Override } from "./config/read-config.ts";
export type { Config } from "./config/schema.ts";
