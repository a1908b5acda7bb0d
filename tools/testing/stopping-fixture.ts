// A program that counts its stop signals and takes a moment to stop, for launcher.test.ts.
let count = 0;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    console.log(signal);
    if (++count === 1) setTimeout(() => process.exit(7), 200);
  });
}
setInterval(() => undefined, 1000);
console.log(`ready ${process.pid}`);
