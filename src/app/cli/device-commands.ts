import type { Command } from "commander";

import { print } from "./arguments.ts";
import { call } from "./call.ts";
import { formatDevices } from "./format-devices.ts";
import type { CommonOptions } from "./options.ts";
import { withPlace } from "./place.ts";

/** `golub device …` */
export function addDevice(program: Command): void {
  const device = program
    .command("device")
    .description("Devices of an account: passwords of their own, and what they have fetched.");
  withPlace(device.command("list"))
    .argument("<address>")
    .description("List the devices that have a password of their own.")
    .action(async (address: string, options: CommonOptions) =>
      print(formatDevices(await call(options, "device.list", { address }))),
    );
  withPlace(device.command("add"))
    .argument("<address>")
    .argument("<device>", 'a name like "phone"')
    .description("Make a password for one device. It is shown once.")
    .action(async (address: string, name: string, options: CommonOptions) => {
      const made = await call(options, "device.add", { address, device: name });
      print(describeMade(made));
    });
  withPlace(device.command("remove"))
    .argument("<address>")
    .argument("<device>")
    .description("Take a device's password back: it logs in no more.")
    .action(async (address: string, name: string, options: CommonOptions) => {
      await call(options, "device.remove", { address, device: name });
      print(`${name}: its password is not valid any more.`);
    });
  withPlace(device.command("forget"))
    .argument("<address>")
    .argument("<device>")
    .description("Forget what a device fetched by POP3, so that it is offered everything again.")
    .action(async (address: string, name: string, options: CommonOptions) => {
      await call(options, "device.forget", { address, device: name });
      print(`${name}: is offered all messages again.`);
    });
}

function describeMade(made: unknown): string {
  const { login, password } = Object.fromEntries(
    Object.entries(typeof made === "object" && made !== null ? made : {}),
  );
  return [
    `Name:     ${String(login)}`,
    `Password: ${String(password)}`,
    "",
    "Enter both in the device's mail program, for IMAP or POP3 and for sending.",
    "The password is not shown again.",
  ].join("\n");
}
