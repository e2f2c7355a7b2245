import { Button, Checkbox, Group, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";

import { api } from "../../api/client";
import type { Population } from "../../api/types";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import classes from "../../ui/form.module.css";
import { useRefresh } from "./useChange";

/** A population that exists, or one to be. */
export type Edited = Population | "new";

interface EditDialogProps {
  edited: Edited;
  close: () => void;
  tell: (words: string) => void;
}

/** Creates a population, or gives one another name and description. */
export function EditDialog({ edited, close, tell }: EditDialogProps) {
  const before = edited === "new" ? null : edited;
  const [name, setName] = useState(before?.name ?? "");
  const [description, setDescription] = useState(before?.description ?? "");
  const [isDefault, setDefault] = useState(false);
  const refresh = useRefresh();
  const save = useMutation({
    mutationFn: () =>
      before
        ? api.changePopulation(before.id, { name: name.trim(), description })
        : api.createPopulation({ name: name.trim(), description: description.trim() || null, default: isDefault }),
    onSuccess: ({ name }) => {
      tell(before ? `The population is called ${name} now.` : `The population ${name} was created.`);
      close();
    },
    onSettled: refresh,
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={before ? `Rename ${before.name}` : "New population"} close={close}>
      <form className={classes.options} onSubmit={submit} noValidate>
        <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus required withAsterisk={false} autoComplete="off" />
        <Textarea label="Description (optional)" value={description} onChange={(event) => setDescription(event.currentTarget.value)} autosize minRows={2} />
        {!before && (
          <Checkbox
            label="Make it the default population"
            description="Users go there from then on when nothing else is said."
            checked={isDefault}
            onChange={(event) => setDefault(event.currentTarget.checked)}
          />
        )}
        {save.error && <ErrorNotice what={before ? "The population was not changed" : "The population was not created"} error={save.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={name.trim() === ""} loading={save.isPending}>
            {before ? "Save" : "Create population"}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
