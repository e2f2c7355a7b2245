import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { populationsQuery } from "../../api/queries";
import type { Population } from "../../api/types";
import { plural } from "../../lib/format";
import { ErrorNotice } from "../../ui/ErrorNotice";

interface PopulationSelectProps {
  label: string;
  description?: ReactNode;
  value: string | null;
  onChange: (id: string | null) => void;
}

/** One of the environment's populations, with what helps to tell them apart. */
export function PopulationSelect({ label, description, value, onChange }: PopulationSelectProps) {
  const populations = useQuery(populationsQuery);
  return (
    <>
      {populations.isError && <ErrorNotice what="The populations could not be loaded" error={populations.error} retry={() => void populations.refetch()} />}
      <Select
        label={label}
        description={description}
        placeholder={populations.isPending ? "Loading…" : "Choose a population"}
        data={(populations.data ?? []).map((population) => ({ value: population.id, label: labelOf(population) }))}
        value={value}
        onChange={onChange}
        searchable
        allowDeselect={false}
        nothingFoundMessage="No such population"
        maw={480}
      />
    </>
  );
}

function labelOf({ name, default: isDefault, user_count: users }: Population): string {
  const notes = [isDefault && "default", typeof users === "number" && plural(users, "user")].filter(Boolean);
  return notes.length > 0 ? `${name} (${notes.join(", ")})` : name;
}
