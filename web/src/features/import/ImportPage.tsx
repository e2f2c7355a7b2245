import { useTitle } from "../../ui/useTitle";
import { JobsCard } from "../jobs/JobsCard";
import { FileStep } from "./FileStep";
import classes from "./ImportPage.module.css";
import { OptionsStep } from "./OptionsStep";
import { PreviewStep } from "./PreviewStep";
import { StartStep } from "./StartStep";
import { useImportFlow } from "./useImportFlow";

/** From a file to a running import. */
export function ImportPage() {
  const flow = useImportFlow();
  useTitle("Import users");
  return (
    <div className={classes.page}>
      <div className={classes.flow}>
        <div>
          <h1 className={classes.heading}>Import users</h1>
          <p className={classes.lead}>Nothing is sent to PingOne before you press the button in step 4.</p>
        </div>
        <FileStep flow={flow} />
        {flow.file && (
          <>
            <PreviewStep flow={flow} />
            <OptionsStep flow={flow} />
            <StartStep flow={flow} />
          </>
        )}
      </div>
      <aside className={classes.aside} aria-label="Recent imports">
        <JobsCard />
      </aside>
    </div>
  );
}
