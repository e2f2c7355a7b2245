import { Button, FileButton } from "@mantine/core";
import { type ReactNode, useRef } from "react";

import { fileSize } from "../../lib/format";
import { Card } from "../../ui/Card";
import { FileIcon, UploadIcon } from "../../ui/icons";
import classes from "./FileStep.module.css";
import { useDrop } from "./useDrop";
import type { Upload } from "./useUpload";

interface FileStepProps {
  upload: Upload;
  /** What the file has to have, beside that it may be CSV, Excel or JSON. */
  hint: ReactNode;
}

/** The first step: a file, dropped or chosen. */
export function FileStep(props: FileStepProps) {
  return (
    <Card title="Choose a file" step={1}>
      <FileField {...props} />
    </Card>
  );
}

export function FileField({ upload, hint }: FileStepProps) {
  const { dragging, handlers } = useDrop(upload.choose);
  const { chosen } = upload;
  return (
    <div className={classes.drop} data-dragging={dragging} data-compact={chosen !== null} {...handlers}>
      {chosen ? <ChosenFile upload={upload} file={chosen.file} /> : <Invitation choose={upload.choose} hint={hint} />}
    </div>
  );
}

function Invitation({ choose, hint }: { choose: (file: File) => void; hint: ReactNode }) {
  return (
    <>
      <span className={classes.icon}>
        <UploadIcon size={28} />
      </span>
      <div className={classes.words}>
        <p className={classes.main}>Drop a file with users here</p>
        <p className={classes.hint}>CSV, Excel or JSON. {hint}</p>
      </div>
      <Picker choose={choose} label="Choose a file" variant="filled" />
    </>
  );
}

function ChosenFile({ upload, file }: { upload: Upload; file: File }) {
  return (
    <>
      <span className={classes.icon}>
        <FileIcon size={22} />
      </span>
      <div className={classes.words}>
        <p className={classes.main}>{file.name}</p>
        <p className={classes.hint}>{fileSize(file.size)}</p>
      </div>
      <Picker choose={upload.choose} label="Choose another" variant="default" />
      <Button variant="subtle" color="gray" onClick={upload.forget}>
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
