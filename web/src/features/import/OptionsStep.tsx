import { Checkbox, Textarea } from "@mantine/core";

import { Card } from "../../ui/Card";
import classes from "../../ui/form.module.css";
import { PopulationSelect } from "../populations/PopulationSelect";
import type { ImportFlow } from "./useImportFlow";

export function OptionsStep({ flow }: { flow: ImportFlow }) {
  const { choices, change, reading } = flow;
  const hasOwn = reading.preview.data?.columns.some(({ attribute }) => attribute?.startsWith("population")) ?? false;
  return (
    <Card title="Choose where the users go" step={3}>
      <div className={classes.options}>
        <PopulationSelect
          label={hasOwn ? "Population for rows that name none" : "Population"}
          description={hasOwn ? "The file has a population column; a row's own value wins." : undefined}
          value={choices.population}
          onChange={(population) => change({ population })}
        />
        <Checkbox
          label="Ignore unknown columns"
          description="Columns that PingOne does not know are left out."
          checked={choices.ignoreUnknown}
          onChange={(event) => change({ ignoreUnknown: event.currentTarget.checked })}
        />
        <Textarea
          label="Welcome mail"
          description="Sent once to each user that is created and has an address; blank for none. {username}, {name.given} and other attributes stand for what the user has."
          placeholder={"Subject: Welcome, {name.given}\n\nYou can sign on as {username} now."}
          value={choices.welcomeMail}
          onChange={(event) => change({ welcomeMail: event.currentTarget.value })}
          autosize
          minRows={3}
          maxRows={12}
          autoComplete="off"
        />
      </div>
    </Card>
  );
}
