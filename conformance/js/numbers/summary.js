/** The times without a carrier, and those for which the application heard nothing, in one line. */
export function summary(switches) {
  const failures = switches.filter(({ cause }) => cause !== "better");
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const of = (list, key) => {
    const values = list.map((it) => Math.round(it[key] ?? 0));
    return `${median(values)} ms, at most ${Math.max(0, ...values)}`;
  };
  const better = switches.filter(({ cause }) => cause === "better");
  return [
    `${switches.length} switches`,
    `after ${failures.length} failures without a carrier for ${of(failures, "gap")} and nothing heard for ${of(failures, "silent")}`,
    `at ${better.length} promotions nothing heard for ${of(better, "silent")}`,
  ].join("; ");
}
