import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "../../api/client";
import { jobQuery } from "../../api/queries";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { KeyIcon } from "../../ui/icons";

/** The passwords that the job made up. They are forgotten when they are fetched, so this is no link that a browser may follow ahead. */
export function Passwords({ id }: { id: string }) {
  const queryClient = useQueryClient();
  const fetching = useMutation({
    mutationFn: () => api.passwords(id),
    onSuccess: (file) => save(file, "passwords.csv"),
    onSettled: () => queryClient.invalidateQueries({ queryKey: jobQuery(id).queryKey }),
  });
  return (
    <>
      <Button size="xs" variant="default" leftSection={<KeyIcon size={14} />} loading={fetching.isPending} onClick={() => fetching.mutate()}>
        Download generated passwords (once)
      </Button>
      {fetching.isError && <ErrorNotice what="The passwords were not fetched" error={fetching.error} />}
    </>
  );
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
