import { PageWithJobs } from "../jobs/PageWithJobs";
import { FileStep } from "../upload/FileStep";
import { PreviewStep } from "../upload/PreviewStep";
import { OptionsStep } from "./OptionsStep";
import { StartStep } from "./StartStep";
import { useModifyFlow } from "./useModifyFlow";

/** From a file to changed users. */
export function ModifyPage() {
  const flow = useModifyFlow();
  const hint = (
    <>
      One column names the users, the others hold what they are to have, for example <code>username, title, enabled</code>. A
      blank cell changes nothing.
    </>
  );
  return (
    <PageWithJobs title="Modify users" lead="Only what differs is sent. Nothing is sent before you press the button in step 4.">
      <FileStep upload={flow.upload} hint={hint} />
      {flow.upload.chosen && (
        <>
          <PreviewStep reading={flow.reading} columns={flow.choices} change={flow.change} refusal="This file cannot be used as it is" />
          <OptionsStep flow={flow} />
          <StartStep flow={flow} />
        </>
      )}
    </PageWithJobs>
  );
}
