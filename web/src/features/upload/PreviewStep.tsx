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
import type { usePreview } from "./useUpload";

export interface Columns {
  /** The name of a saved mapping. */
  mapping: string | null;
  ignoreUnknown: boolean;
}

interface PreviewStepProps {
  reading: ReturnType<typeof usePreview>;
  columns: Columns;
  change: (columns: Partial<Columns>) => void;
  /** Whether only the column that names the user counts. */
  namesOnly?: boolean;
  step?: number;
  /** What to say of a file that cannot be used. */
  refusal: string;
}

/** How the file was understood. */
export function PreviewStep({ reading, columns, change, namesOnly = false, step = 2, refusal }: PreviewStepProps) {
  const { data, error, isFetching, refetch } = reading.preview;
  return (
    <Card title="Check how it was understood" step={step} aside={data && <Facts preview={data} />}>
      <SavedMapping value={columns.mapping} onChange={(mapping) => change({ mapping })} />
      <div aria-live="polite" aria-busy={isFetching} className={classes.body}>
        {isFetching && <Reading sent={reading.sent} />}
        {error && !isFetching && <ErrorNotice what={refusal} error={error} retry={() => void refetch()} />}
        {data && <Figures preview={data} />}
        {data && !namesOnly && !columns.ignoreUnknown && <UnknownColumns preview={data} ignore={() => change({ ignoreUnknown: true })} />}
        {data && <ColumnsTable columns={data.columns} namesOnly={namesOnly} />}
        {data && data.problems.length > 0 && <ProblemsTable preview={data} />}
      </div>
    </Card>
  );
}

/** What columns mean whose names do not say it; there is nothing to choose before one was saved. */
function SavedMapping({ value, onChange }: { value: string | null; onChange: (mapping: string | null) => void }) {
  const { data: mappings = [] } = useQuery(mappingsQuery);
  if (mappings.length === 0) return null;
  return (
    <Select
      label="Saved mapping of columns"
      placeholder="None: columns mean what their names say"
      data={mappings.map(({ name }) => name)}
      value={value}
      onChange={onChange}
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

function Figures({ preview }: { preview: Preview }) {
  return (
    <dl className={classes.counts}>
      <Figure label="Rows" value={preview.total} />
      <Figure label="Valid" value={preview.valid} tone="ok" />
      <Figure label="Invalid" value={preview.invalid} tone={preview.invalid > 0 ? "bad" : undefined} />
      <Figure label="Duplicates" value={preview.duplicates} tone={preview.duplicates > 0 ? "warn" : undefined} />
    </dl>
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
function UnknownColumns({ preview, ignore }: { preview: Preview; ignore: () => void }) {
  const unknown = preview.columns.filter((column) => column.status === "unknown");
  if (unknown.length === 0) return null;
  return (
    <p className={classes.unknown}>
      <span>
        <strong>{plural(unknown.length, "column is", "columns are")} not known to PingOne</strong> and would be lost: rename{" "}
        {unknown.length === 1 ? "it" : "them"} in the file, or leave {unknown.length === 1 ? "it" : "them"} out on purpose.
      </span>
      <Button size="compact-sm" variant="default" onClick={ignore}>
        Ignore unknown columns
      </Button>
    </p>
  );
}
