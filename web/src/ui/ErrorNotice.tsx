import { Button } from "@mantine/core";

import { asApiError } from "../api/problem";
import { Notice } from "./Notice";

interface ErrorNoticeProps {
  /** What could not be done. */
  what: string;
  error: unknown;
  /** Does it again; offered only where that may help. */
  retry?: () => void;
}

/** A request that failed, and why in the server's own words. */
export function ErrorNotice({ what, error, retry }: ErrorNoticeProps) {
  const { title, message, status, temporary } = asApiError(error);
  const action =
    retry && temporary ? (
      <Button size="xs" variant="default" onClick={retry}>
        Try again
      </Button>
    ) : undefined;
  return (
    <Notice tone="bad" title={status === 0 ? title : what} role="alert" actions={action}>
      {message}
    </Notice>
  );
}
