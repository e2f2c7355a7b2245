/** Figures and times as the page writes them. English, because the page is. */

const LOCALE = "en-US";
const integer = new Intl.NumberFormat(LOCALE);
const oneDecimal = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const bytesUnits = ["bytes", "KB", "MB", "GB"] as const;

/** 1234567 → "1,234,567". */
export function count(value: number): string {
  return integer.format(value);
}

/** "1 row", "2 rows", "1,000 rows". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Rows per second: one decimal below 100, none above. */
export function rate(perSecond: number): string {
  return `${perSecond < 99.95 ? oneDecimal.format(perSecond) : integer.format(Math.round(perSecond))}/s`;
}

/**
 * Whole percent, rounded down so that 100 % means all, and at least 1 % as soon as anything is done.
 */
export function percent(done: number, total: number): number {
  if (total <= 0) return 0;
  if (done > 0 && done / total < 0.01) return 1;
  return Math.min(100, Math.floor((done / total) * 100));
}

/** "45 s", "2 min 05 s", "1 h 03 min". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${count(hours)} h ${twoDigits(minutes)} min`;
  return `${minutes} min ${twoDigits(whole % 60)} s`;
}

/** A guess of what is left, coarser than `duration` so that it does not flicker. */
export function remaining(seconds: number): string {
  if (seconds < 5) return "a few seconds";
  if (seconds < 60) return `${Math.ceil(seconds / 5) * 5} s`;
  if (seconds < 3600) return plural(Math.ceil(seconds / 60), "minute");
  return duration(seconds);
}

/** 1536 → "1.5 KB". */
export function fileSize(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < bytesUnits.length - 1) [value, unit] = [value / 1000, unit + 1];
  const figures = unit === 0 || value >= 100 ? integer.format(Math.round(value)) : oneDecimal.format(value);
  return `${figures} ${bytesUnits[unit] ?? ""}`;
}

/** "just now", "5 minutes ago", or the date when it is longer than a day ago. */
export function ago(iso: string, now: number): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return "";
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${plural(Math.floor(seconds / 60), "minute")} ago`;
  if (seconds < 86_400) return `${plural(Math.floor(seconds / 3600), "hour")} ago`;
  return new Date(iso).toLocaleDateString(LOCALE, { year: "numeric", month: "short", day: "numeric" });
}

/** Time of day, to the second, in the reader's time zone. */
export function clockTime(at: number | string): string {
  return new Date(at).toLocaleTimeString(LOCALE, { hour12: false });
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** Messages of jobs are written to follow a colon. */
export function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
