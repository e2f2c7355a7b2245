import { Button, Progress, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { mappingsQuery } from "../../api/queries";
import type { Preview } from "../../api/types";
import { count, percent, plural } from "../../lib/format";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { ColumnsTable } from "./ColumnsTable";
import classes from "./PreviewStep.module.css";
import { ProblemsTable } from "./ProblemsTable";
import type { ImportFlow } from "./useImportFlow";

/** How the file was understood. */
export function PreviewStep({ flow }: { flow: ImportFlow }) {
  const { data, error, isFetching, refetch } = flow.preview;
  return (
    <Card title="Check how it was understood" step={2} aside={data && <Facts preview={data} />}>
      <SavedMapping flow={flow} />
      <div aria-live="polite" aria-busy={isFetching} className={classes.body}>
        {isFetching && <Reading sent={flow.sent} />}
        {error && !isFetching && <ErrorNotice what="This file cannot be imported as it is" error={error} retry={() => void refetch()} />}
        {data && <Understood preview={data} flow={flow} />}
      </div>
    </Card>
  );
}

/** What columns mean whose names do not say it; there is nothing to choose before one was saved. */
function SavedMapping({ flow }: { flow: ImportFlow }) {
  const { data: mappings = [] } = useQuery(mappingsQuery);
  if (mappings.length === 0) return null;
  return (
    <Select
      label="Saved mapping of columns"
      placeholder="None: columns mean what their names say"
      data={mappings.map(({ name }) => name)}
      value={flow.choices.mapping}
      onChange={(mapping) => flow.change({ mapping })}
      clearable
      clearButtonProps={{ "aria-label": "Use no mapping" }}
      searchable
      nothingFoundMessage="No such mapping"
      maw={480}
      mb="md"
    />
  );
}

function Reading({ sent }: { sent: number }) {
  const share = percent(sent, 1);
  const words = share < 100 ? `Sending the file, ${share} %` : "Reading the file…";
  return (
    <div className={classes.reading}>
      <span>{words}</span>
      <Progress value={share} animated={share === 100} size="sm" aria-label={words} />
    </div>
  );
}

function Facts({ preview }: { preview: Preview }) {
  const facts = [preview.format.toUpperCase(), preview.encoding, delimiterName(preview.delimiter)];
  return (
    <ul className={classes.facts} aria-label="Format">
      {facts.filter(Boolean).map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
    </ul>
  );
}

function delimiterName(delimiter: string): string | null {
  const names: Record<string, string> = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar" };
  return delimiter ? `separated by ${names[delimiter] ?? delimiter}` : null;
}

function Understood({ preview, flow }: { preview: Preview; flow: ImportFlow }) {
  return (
    <>
      <dl className={classes.counts}>
        <Figure label="Rows" value={preview.total} />
        <Figure label="Valid" value={preview.valid} tone="ok" />
        <Figure label="Invalid" value={preview.invalid} tone={preview.invalid > 0 ? "bad" : undefined} />
        <Figure label="Duplicates" value={preview.duplicates} tone={preview.duplicates > 0 ? "warn" : undefined} />
      </dl>
      <UnknownColumns preview={preview} flow={flow} />
      <ColumnsTable columns={preview.columns} />
      {preview.problems.length > 0 && <ProblemsTable preview={preview} />}
    </>
  );
}

function Figure({ label, value, tone }: { label: string; value: number; tone?: string | undefined }) {
  return (
    <div data-tone={tone}>
      <dt>{label}</dt>
      <dd>{count(value)}</dd>
    </div>
  );
}

/** The one problem that has a remedy in this page. */
function UnknownColumns({ preview, flow }: { preview: Preview; flow: ImportFlow }) {
  const unknown = preview.columns.filter((column) => column.status === "unknown");
  if (unknown.length === 0 || flow.choices.ignoreUnknown) return null;
  return (
    <p className={classes.unknown}>
      <span>
        <strong>{plural(unknown.length, "column is", "columns are")} not known to PingOne</strong> and would be lost: rename{" "}
        {unknown.length === 1 ? "it" : "them"} in the file, or leave {unknown.length === 1 ? "it" : "them"} out on purpose.
      </span>
      <Button size="compact-sm" variant="default" onClick={() => flow.change({ ignoreUnknown: true })}>
        Ignore unknown columns
      </Button>
    </p>
  );
}
