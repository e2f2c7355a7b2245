import { Button, FileButton, Textarea } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import { protectedUsersIn } from "../../api/upload";
import { plural } from "../../lib/format";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { FileIcon, ShieldIcon } from "../../ui/icons";
import { protectedUsers } from "./choices";
import classes from "./ProtectField.module.css";

interface ProtectFieldProps {
  value: string;
  onChange: (value: string) => void;
}

/** Users who are never deleted, whoever else is. */
export function ProtectField({ value, onChange }: ProtectFieldProps) {
  const names = protectedUsers(value);
  const [error, setError] = useState<unknown>(null);
  // What was typed while the file was read is kept.
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  }, [value]);
  // The server reads the file as it reads files of users: in any encoding, with or without quotes.
  const read = async (file: File | null) => {
    if (!file) return;
    setError(null);
    try {
      const found = await protectedUsersIn(file, new AbortController().signal);
      onChange(protectedUsers([latest.current, ...found].join("\n")).join("\n"));
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <div className={classes.field}>
      <Textarea
        label="Protected users"
        description="Never deleted, whoever else is: usernames or ids, one on each line. Letter case does not count."
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={10}
        autoComplete="off"
        spellCheck={false}
      />
      <div className={classes.bar}>
        <FileButton onChange={(file) => void read(file)} accept=".txt,.csv,text/plain" inputProps={{ "aria-label": "File with protected users" }}>
          {(props) => (
            <Button {...props} size="compact-sm" variant="default" leftSection={<FileIcon size={14} />}>
              Add from a file
            </Button>
          )}
        </FileButton>
        <span className={classes.count} aria-live="polite" data-any={names.length > 0}>
          <ShieldIcon size={14} />
          {names.length === 0 ? "Nobody is protected" : `${plural(names.length, "user is", "users are")} protected`}
        </span>
      </div>
      {error !== null && <ErrorNotice what="The file of protected users cannot be used" error={error} />}
    </div>
  );
}
