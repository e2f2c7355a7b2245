import { useEffect, useState } from "react";

/** The time of day, again each `every` milliseconds while `ticking`. */
export function useNow(ticking: boolean, every = 1_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!ticking) return undefined;
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [ticking, every]);
  return now;
}
