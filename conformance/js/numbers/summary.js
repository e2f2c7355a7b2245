/** The times without a carrier, in one line; for how long an application hears nothing is measured in `blind/`. */
export function summary(switches) {
  const gaps = switches.filter(({ cause }) => cause !== "better").map(({ gap }) => Math.round(gap));
  const median = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  return `${switches.length} switches; after ${gaps.length} failures without a carrier for ${median} ms, at most ${Math.max(0, ...gaps)}`;
}
