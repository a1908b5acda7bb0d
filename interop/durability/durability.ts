import { diskFullCases } from "./cases/disk-full.ts";
import { imapCases } from "./cases/imap.ts";
import { outboundCases } from "./cases/outbound.ts";
import { popCases } from "./cases/pop.ts";
import { smtpCases } from "./cases/smtp.ts";
import { terminateCases } from "./cases/terminate.ts";
import { openHouse } from "./durability-case.ts";

const wanted = process.argv[2] ?? "";
const cases = [
  ...smtpCases,
  ...imapCases,
  ...popCases,
  ...outboundCases,
  ...diskFullCases,
  ...terminateCases,
].filter(({ name }) => name.includes(wanted));

let passedCount = 0;
let failedCount = 0;
let skippedCount = 0;
for (const each of cases) {
  const why = each.whySkipped?.();
  if (why !== undefined) {
    skippedCount++;
    console.log(`skip  ${each.name}: ${why}`);
    continue;
  }
  const house = openHouse();
  const began = performance.now();
  const time = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  try {
    const told = await each.run(house);
    passedCount++;
    console.log(`ok    ${each.name} (${time()}): ${told}`);
  } catch (error) {
    failedCount++;
    const told = error instanceof Error ? error.stack : String(error);
    console.log(`FAIL  ${each.name} (${time()}): ${told}`);
  } finally {
    await house.leave();
  }
}
if (cases.length === 0) {
  console.log(`No case has "${wanted}" in its name.`);
  failedCount++;
}
const skipped = skippedCount > 0 ? `, ${skippedCount} skipped` : "";
console.log(`${passedCount} passed, ${failedCount} failed${skipped}`);
process.exit(failedCount === 0 ? 0 : 1);
