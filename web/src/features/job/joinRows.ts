import { KEPT_ROWS, type LedgerRow } from "../../realtime";

/** Newest first, each row once. */
export function joinRows(live: readonly LedgerRow[], before: readonly LedgerRow[]): LedgerRow[] {
  const told = new Set(live.map(({ row }) => row));
  const older = before.filter(({ row }) => !told.has(row)).reverse();
  return [...live, ...older].slice(0, KEPT_ROWS);
}
