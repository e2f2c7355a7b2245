/** A file of users, and what must become of each row. */
export interface Users {
  name: string;
  csv: string;
  total: number;
  created: number;
  skipped: number;
  failed: number;
}

const BAD_EMAIL_EVERY = 25;
const DUPLICATE_EVERY = 40;

/**
 * Of every 25 rows one has no valid e-mail address and fails; of every 40 rows one repeats a username of this file and
 * is skipped. Usernames begin with `prefix`, so that two runs do not meet.
 */
export function usersFile(prefix: string, total: number): Users {
  const counts = { created: 0, skipped: 0, failed: 0 };
  const lines = ["username,email,firstName,lastName"];
  for (let row = 1; row <= total; row += 1) {
    const outcome = row % DUPLICATE_EVERY === 0 ? "skipped" : row % BAD_EMAIL_EVERY === 0 ? "failed" : "created";
    counts[outcome] += 1;
    const username = outcome === "skipped" ? `${prefix}-1` : `${prefix}-${row}`;
    const email = outcome === "failed" ? "not an address" : `${prefix}-${row}@example.com`;
    lines.push(`${username},${email},Ada,Lovelace ${row}`);
  }
  return { name: `${prefix}.csv`, csv: `${lines.join("\n")}\n`, total, ...counts };
}
