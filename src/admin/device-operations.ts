import { Refusal } from "../base/faults.ts";
import { findDeviceName } from "../accounts/login-name.ts";
import { forgetFetched } from "../mailbox/forget-fetched.ts";
import type { Operation } from "./operations.ts";

const done = { done: true };

/** `device.…`: passwords of devices, and what they have fetched. */
export const deviceOperations: readonly Operation[] = [
  {
    name: "device.list",
    args: ["address"],
    run: async ({ devices }, args) =>
      (await devices.list(args.text("address"))).map(({ name, ...rest }) => {
        return { device: name, ...rest };
      }),
  },
  {
    name: "device.add",
    args: ["address", "device"],
    run: ({ devices }, args) => devices.add(args.text("address"), args.text("device")),
  },
  {
    name: "device.remove",
    args: ["address", "device"],
    run: ({ devices }, args) =>
      devices.remove(args.text("address"), args.text("device")).then(() => done),
  },
  {
    name: "device.forget",
    args: ["address", "device"],
    async run({ directory, mail }, args) {
      const { id } = await directory.getAccount(args.text("address"));
      const device = findDeviceName(args.text("device"));
      if (device === undefined) throw new Refusal("syntax", "That is no name of a device.");
      await forgetFetched(mail.open(id, "admin"), device);
      return done;
    },
  },
];
