import { useQuery } from "@tanstack/react-query";

import { healthQuery } from "../../api/queries";
import { useReached } from "./useReached";
import { shownHealth } from "./healthText";

/** What is known of the server's health now. */
export function useHealth() {
  const reached = useReached();
  const { data, isError } = useQuery(healthQuery);
  return shownHealth(data, reached && !isError);
}
