import { useEffect } from "react";

import { ErrorNotice } from "../ui/ErrorNotice";
import { Brand } from "./Brand";
import { FullPage } from "./FullPage";

const RETRY_MS = 5_000;

/** The very first request got no usable answer. */
export function Unreachable({ error, retry }: { error: unknown; retry: () => void }) {
  useEffect(() => {
    const timer = setInterval(retry, RETRY_MS);
    return () => clearInterval(timer);
  }, [retry]);
  return (
    <FullPage>
      <Brand />
      <ErrorNotice what="The page could not be opened" error={error} retry={retry} />
      <p className="visually-hidden" aria-live="polite">
        Trying again every {RETRY_MS / 1000} seconds.
      </p>
    </FullPage>
  );
}
