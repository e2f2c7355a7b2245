import { Button, FileButton } from "@mantine/core";
import { useRef } from "react";

import { fileSize } from "../../lib/format";
import { Card } from "../../ui/Card";
import { FileIcon, UploadIcon } from "../../ui/icons";
import classes from "./FileStep.module.css";
import type { ImportFlow } from "./useImportFlow";
import { useDrop } from "./useDrop";

export function FileStep({ flow }: { flow: ImportFlow }) {
  const { dragging, handlers } = useDrop(flow.choose);
  return (
    <Card title="Choose a file" step={1}>
      <div className={classes.drop} data-dragging={dragging} data-compact={flow.file !== null} {...handlers}>
        {flow.file ? <ChosenFile flow={flow} file={flow.file} /> : <Invitation choose={flow.choose} />}
      </div>
    </Card>
  );
}

function Invitation({ choose }: { choose: (file: File) => void }) {
  return (
    <>
      <span className={classes.icon}>
        <UploadIcon size={28} />
      </span>
      <div className={classes.words}>
        <p className={classes.main}>Drop a file with users here</p>
        <p className={classes.hint}>
          CSV; the delimiter and the encoding are found out. The first line names the columns, for example{" "}
          <code>username, email, firstName, lastName</code>.
        </p>
      </div>
      <Picker choose={choose} label="Choose a file" variant="filled" />
    </>
  );
}

function ChosenFile({ flow, file }: { flow: ImportFlow; file: File }) {
  return (
    <>
      <span className={classes.icon}>
        <FileIcon size={22} />
      </span>
      <div className={classes.words}>
        <p className={classes.main}>{file.name}</p>
        <p className={classes.hint}>{fileSize(file.size)}</p>
      </div>
      <Picker choose={flow.choose} label="Choose another" variant="default" />
      <Button variant="subtle" color="gray" onClick={flow.forget}>
        Remove
      </Button>
    </>
  );
}

interface PickerProps {
  choose: (file: File) => void;
  label: string;
  variant: "filled" | "default";
}

function Picker({ choose, label, variant }: PickerProps) {
  const reset = useRef<() => void>(null);
  const take = (file: File | null) => {
    if (file) choose(file);
    // So that choosing the same file again, after it was mended, is noticed.
    reset.current?.();
  };
  return (
    <FileButton onChange={take} resetRef={reset} inputProps={{ "aria-label": label }}>
      {(props) => (
        <Button variant={variant} {...props}>
          {label}
        </Button>
      )}
    </FileButton>
  );
}
