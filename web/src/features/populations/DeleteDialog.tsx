import { Button, Group } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { api } from "../../api/client";
import type { Population } from "../../api/types";
import { plural } from "../../lib/format";
import { ButtonLink } from "../../ui/ButtonLink";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import classes from "./DeleteDialog.module.css";
import { useRefresh } from "./useChange";

interface DeleteDialogProps {
  population: Population;
  close: () => void;
  tell: (words: string) => void;
}

/** Deletes an empty population, or leads to the plan that deletes its users with it. */
export function DeleteDialog({ population, close, tell }: DeleteDialogProps) {
  const { id, name, user_count: users } = population;
  const refresh = useRefresh();
  const removal = useMutation({
    mutationFn: () => api.deletePopulation(id),
    onSuccess: () => {
      tell(`The population ${name} was deleted.`);
      close();
    },
    onSettled: refresh,
  });
  const isEmpty = users === 0;
  const known = typeof users === "number";
  return (
    <Dialog title={`Delete ${name}?`} close={close}>
      <div className={classes.body}>
        {known && isEmpty && <p>It has no users. What refers to it, such as an application or a rule, loses it.</p>}
        {known && !isEmpty && (
          <p>
            It has {plural(users, "user")}, and PingOne deletes only empty populations. To keep them, move them first, with a file
            that names another population for each of them, under <Link to="/modify">Modify</Link>. To delete them with it, plan
            that: the plan shows each of them, and asks for a typed confirmation.
          </p>
        )}
        {!known && <p>PingOne did not tell how many users it has. It deletes the population alone only if it is empty.</p>}
        {removal.error && <ErrorNotice what="The population was not deleted" error={removal.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            Keep it
          </Button>
          {!isEmpty && (
            <ButtonLink to="/delete" search={{ population: id, emptied: true }} color="red.8">
              Plan to delete it with its users
            </ButtonLink>
          )}
          {(isEmpty || !known) && (
            <Button color="red.8" loading={removal.isPending} onClick={() => removal.mutate()}>
              Delete the population
            </Button>
          )}
        </Group>
      </div>
    </Dialog>
  );
}
