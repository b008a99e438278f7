// The platform's time in the browser (平台时间): taken once from the server, then carried by the monotonic clock.
// The clock of the computer is never used: a bidder's wrong clock must not show a wrong deadline.

/** Return now() in milliseconds since 1970, following a server moment taken at `started`; rate > 1 only in demonstrations. */
export function serverClock(iso, rate = 1, started = performance.now()) {
  const origin = Date.parse(iso);
  if (Number.isNaN(origin)) throw new RangeError(`not a moment: ${iso}`);
  return () => origin + (performance.now() - started) * rate;
}
