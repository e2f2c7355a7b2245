import { Button, Checkbox, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";

import { asApiError } from "../../api/problem";
import type { JobDetails } from "../../api/types";
import { count, plural } from "../../lib/format";
import { Card } from "../../ui/Card";
import { ButtonLink } from "../../ui/ButtonLink";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TrashIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { OthersRun } from "../jobs/OthersRun";
import { useStart } from "../upload/useStart";
import classes from "./CarryOut.module.css";
import { Where } from "./Where";

/** What can be done with the plan of a deletion: carry it out once, after its sentence was typed. */
export function CarryOut({ plan }: { plan: JobDetails }) {
  if (plan.kind !== "delete" || !plan.dry_run || plan.status !== "completed") return null;
  if (plan.carried_out_by) return <CarriedOut job={plan.carried_out_by} />;
  if (plan.confirmation) return <ConfirmForm plan={plan} confirmation={plan.confirmation} />;
  const [title, text] =
    plan.deleted === 0
      ? ["Nobody would be deleted", "Nobody was found who is not protected, so there is nothing to carry out."]
      : ["This plan is too old", "Users come and go, so a plan is good for a day. Plan the deletion again to see who it would concern now."];
  return (
    <Notice tone="info" title={title} actions={<PlanAnew plan={plan.id} />}>
      {text}
    </Notice>
  );
}

function PlanAnew({ plan }: { plan: string }) {
  return (
    <ButtonLink to="/delete" search={{ like: plan }} size="xs" variant="default">
      Plan again
    </ButtonLink>
  );
}

function CarriedOut({ job }: { job: string }) {
  return (
    <Notice tone="info" title="This plan was carried out">
      A plan is carried out once.{" "}
      <Link to="/jobs/$jobId" params={{ jobId: job }}>
        See what became of each user
      </Link>
      .
    </Notice>
  );
}

function ConfirmForm({ plan, confirmation }: { plan: JobDetails; confirmation: string }) {
  const { options } = plan;
  const [backup, setBackup] = useState(options.backup);
  const [population, setPopulation] = useState(options.delete_population);
  const [typed, setTyped] = useState("");
  const withPopulation = plan.population && !options.filter ? { delete_population: population } : {};
  const deletion = useStart(null, { kind: "delete", plan: plan.id, confirm: typed, backup, ...withPopulation });
  const wrong = deletion.error && asApiError(deletion.error).code === "wrong_confirmation";
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    deletion.start();
  };
  return (
    <Card title={`Delete ${plural(plan.deleted, "user")}`}>
      <form className={classes.form} onSubmit={submit} noValidate>
        <p className={classes.lead}>
          Exactly the {count(plan.deleted)} that this plan found are deleted from <Where />, even if others match by now. PingOne
          cannot bring them back. The plan is good for a day.
        </p>
        <OthersRun />
        <Checkbox
          label="Make a backup first"
          description="The users are exported before the first one is deleted. The backup can be imported again, without passwords."
          checked={backup}
          onChange={(event) => setBackup(event.currentTarget.checked)}
        />
        {plan.population && !options.filter && (
          <Checkbox
            label={`Delete the population ${plan.population.name}, too`}
            description="At the end, if nobody is left in it. Somebody who is protected keeps it."
            checked={population}
            onChange={(event) => setPopulation(event.currentTarget.checked)}
          />
        )}
        <TextInput
          label={
            <>
              To confirm, type <code className={classes.sentence}>{confirmation}</code>
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={wrong && "That is not the sentence above. Nobody was deleted."}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maw={560}
        />
        {deletion.error && !wrong && <ErrorNotice what="Nobody was deleted" error={deletion.error} retry={deletion.start} />}
        <Button type="submit" color="red.8" leftSection={<TrashIcon size={16} />} disabled={typed.trim() === ""} loading={deletion.isPending} className={classes.button}>
          Delete {plural(plan.deleted, "user")}
        </Button>
      </form>
    </Card>
  );
}
