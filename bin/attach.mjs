// Loaded before a script that launch.mjs runs as its child: ties the child to its launcher.
//
// One Ctrl-C reaches us up to three times: from the terminal, and by way of the launcher from the
// terminal and from npm. The script sees it once; an impatient person's second Ctrl-C is seen as a
// second. When the launcher is gone without a word (SIGKILL), the script stops as by SIGTERM.

const settleMs = 50;
const echoMs = 1000;

if (process.channel !== undefined) attach();

function attach() {
  let lastStopMs = -echoMs;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    const note = () => {
      lastStopMs = performance.now();
      if (process.listenerCount(signal) > 1) return;
      // Nobody but us listens: what would have happened without us shall happen.
      process.off(signal, note);
      process.kill(process.pid, signal);
    };
    process.on(signal, note);
  }
  const stopUnlessStopping = (signal) => {
    // The same signal may be on its way to us directly: let that one arrive first.
    setTimeout(() => {
      if (performance.now() - lastStopMs >= echoMs) process.kill(process.pid, signal);
    }, settleMs);
  };
  process.on("message", ({ signal }) => stopUnlessStopping(signal));
  process.on("disconnect", () => stopUnlessStopping("SIGTERM"));
  process.channel.unref();
}
