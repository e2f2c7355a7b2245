import { isOver } from "../../api/jobStatus";
import type { Job } from "../../api/types";
import { sentence } from "../../lib/format";
import { Notice } from "../../ui/Notice";
import { protectsNobody } from "./warnings";

/** Warns that a name to protect belongs to nobody. While the plan is made, this is told among its troubles. */
export function ProtectsNobody({ job }: { job: Job }) {
  const told = isOver(job.status) ? protectsNobody(job) : undefined;
  if (!told) return null;
  return (
    <Notice tone="warn" title="A name on the list of protected users protects nobody" role="status">
      {sentence(told)}
    </Notice>
  );
}
