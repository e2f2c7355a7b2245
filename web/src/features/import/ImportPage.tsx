import { FileStep } from "../upload/FileStep";
import { PreviewStep } from "../upload/PreviewStep";
import { PageWithJobs } from "../jobs/PageWithJobs";
import { OptionsStep } from "./OptionsStep";
import { StartStep } from "./StartStep";
import { useImportFlow } from "./useImportFlow";

/** From a file to a running import. */
export function ImportPage() {
  const flow = useImportFlow();
  const hint = (
    <>
      The first line names the columns, for example <code>username, email, firstName, lastName</code>; delimiter and encoding
      are found out.
    </>
  );
  return (
    <PageWithJobs title="Import users" lead="Nothing is sent to PingOne before you press the button in step 4.">
      <FileStep upload={flow.upload} hint={hint} />
      {flow.upload.chosen && (
        <>
          <PreviewStep reading={flow.reading} columns={flow.choices} change={flow.change} refusal="This file cannot be imported as it is" />
          <OptionsStep flow={flow} />
          <StartStep flow={flow} />
        </>
      )}
    </PageWithJobs>
  );
}
