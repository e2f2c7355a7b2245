import { Button } from "@mantine/core";

import { asApiError } from "../api/problem";
import { Notice } from "./Notice";

interface ErrorNoticeProps {
  error: unknown;
  retry?: () => void;
}

/** A request that failed, in the server's own words. */
export function ErrorNotice({ error, retry }: ErrorNoticeProps) {
  const { title, message } = asApiError(error);
  const action = retry && (
    <Button size="xs" variant="default" onClick={retry}>
      Try again
    </Button>
  );
  return (
    <Notice tone="bad" title={title} role="alert" actions={action}>
      {message}
    </Notice>
  );
}
