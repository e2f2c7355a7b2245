import { asApiError } from "../../api/problem";
import { Card } from "../../ui/Card";
import { ExportIcon, UsersIcon } from "../../ui/icons";
import { Requirements } from "../../ui/Requirements";
import { Where } from "../job/Where";
import { PageWithJobs } from "../jobs/PageWithJobs";
import { StartBar } from "../upload/StartBar";
import { useStart } from "../upload/useStart";
import { useTrial } from "../upload/useTrial";
import { exportOptions, requirements } from "./choices";
import { FormatStep } from "./FormatStep";
import { SelectionStep } from "./SelectionStep";
import { useChoices } from "./useChoices";

/** From a choice of users to a file. */
export function ExportPage() {
  const { choices, change } = useChoices();
  const options = exportOptions(choices);
  const start = useStart(null, options);
  const trial = useTrial(null, options);
  const list = requirements(choices);
  // What is wrong with the filter is told where it stands.
  const refused = [trial.error, start.error].map((error) => (error ? asApiError(error) : null)).find((error) => error?.code === "invalid_filter");
  return (
    <PageWithJobs title="Export users" lead="Writes users of PingOne to a file. Nothing in PingOne is changed.">
      <SelectionStep choices={choices} change={change} refusal={refused?.message} />
      <FormatStep choices={choices} change={change} />
      <Card title="Count and export" step={3}>
        {list.length > 0 && <Requirements list={list} />}
        <StartBar
          {...{ trial, start, hasFile: false, ready: list.every(({ met }) => met) }}
          label="Export users"
          icon={<ExportIcon />}
          trialLabel="Count users"
          trialIcon={<UsersIcon />}
          refusal="The export was not started"
          trialRefusal="The users could not be counted"
        >
          From <Where />. Counting writes no file.
        </StartBar>
      </Card>
    </PageWithJobs>
  );
}
