import { isOver } from "../../api/jobStatus";
import type { Job } from "../../api/types";
import { Notice } from "../../ui/Notice";
import { toldWarnings } from "./warnings";

/** What a job went on in spite of. While it runs, this is told among its troubles. */
export function WarningNotices({ job }: { job: Job }) {
  if (!isOver(job.status)) return null;
  return toldWarnings(job).map(({ title, text }) => (
    <Notice key={text} tone="warn" title={title} role="status">
      {text}
    </Notice>
  ));
}
