import { Loader } from "@mantine/core";

import { ErrorNotice } from "../../ui/ErrorNotice";
import { PageWithJobs } from "../jobs/PageWithJobs";
import { PreviewStep } from "../upload/PreviewStep";
import type { Choices } from "./choices";
import { KeepStep } from "./KeepStep";
import { PlanStep } from "./PlanStep";
import { SourceStep } from "./SourceStep";
import { useDeleteFlow } from "./useDeleteFlow";
import { useFirstChoices } from "./useFirstChoices";

/** From a choice of users to the plan of their deletion, which is then confirmed on its own page. */
export function DeletePage() {
  const { choices, error, key } = useFirstChoices();
  return (
    <PageWithJobs title="Delete users" lead="First a plan finds and counts them. Nobody is deleted before you have typed what the plan asks for.">
      {error && <ErrorNotice what="The earlier deletion could not be loaded" error={error} />}
      {choices && <Steps key={key} first={choices} />}
      {!choices && !error && <Loader aria-label="Loading" />}
    </PageWithJobs>
  );
}

function Steps({ first }: { first: Choices }) {
  const flow = useDeleteFlow(first);
  const { choices, change } = flow;
  const hasPreview = choices.source === "file" && flow.upload.chosen !== null;
  const step = hasPreview ? 3 : 2;
  return (
    <>
      <SourceStep flow={flow} />
      {hasPreview && (
        <PreviewStep
          reading={flow.reading}
          columns={{ mapping: choices.mapping, ignoreUnknown: true }}
          change={({ mapping = null }) => change({ mapping })}
          namesOnly
          refusal="This file names nobody as it is"
        />
      )}
      <KeepStep flow={flow} step={step} />
      <PlanStep flow={flow} step={step + 1} />
    </>
  );
}
