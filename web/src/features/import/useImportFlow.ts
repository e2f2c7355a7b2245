import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";

import { asApiError } from "../../api/problem";
import { jobsQuery, populationsQuery } from "../../api/queries";
import type { ImportOptions } from "../../api/types";
import { preview, startJob } from "../../api/upload";
import { IdempotencyKeys } from "./idempotency";
import { type Choices, defaultPopulation, noChoices } from "./readiness";

/** A chosen file; the number tells two choices of one name apart. */
interface Chosen {
  file: File;
  number: number;
}

export type ImportFlow = ReturnType<typeof useImportFlow>;

/** What the page knows between the choice of a file and the start of the import. */
export function useImportFlow() {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [changes, setChanges] = useState<Partial<Choices>>({});
  const populations = useQuery(populationsQuery);
  const choices: Choices = { ...noChoices, population: defaultPopulation(populations.data ?? []), ...changes };
  const options = importOptions(choices);
  const reading = usePreview(chosen, options, !populations.isPending);
  const start = useStart(chosen, options);
  return {
    file: chosen?.file ?? null,
    choices,
    populations,
    start,
    ...reading,
    choose: (file: File) => {
      start.reset();
      setChosen((before) => ({ file, number: (before?.number ?? 0) + 1 }));
    },
    forget: () => {
      start.reset();
      setChosen(null);
    },
    change: (change: Partial<Choices>) => {
      start.reset();
      setChanges((before) => ({ ...before, ...change }));
    },
  };
}

function importOptions({ population, mapping, ignoreUnknown, dryRun }: Choices): ImportOptions {
  return {
    ...{ kind: "import", mode: "create", create_population: false, delimiter: null, encoding: null },
    population,
    saved_mapping: mapping,
    ignore_unknown_columns: ignoreUnknown,
    dry_run: dryRun,
  };
}

function usePreview(chosen: Chosen | null, options: ImportOptions, ready: boolean) {
  const [sent, setSent] = useState(0);
  // A dry run reads the file just as the real one does, and so does every population once there is one: a big file is
  // not sent again for these.
  const asked = { ...options, dry_run: false };
  const known = asked.population !== null;
  const query = useQuery({
    queryKey: ["preview", chosen?.number, known, asked.saved_mapping, asked.ignore_unknown_columns],
    queryFn: ({ signal }) => {
      if (!chosen) throw new Error("no file is chosen");
      setSent(0);
      return preview({ file: chosen.file, options: asked, signal, onSent: setSent });
    },
    enabled: chosen !== null && ready,
    placeholderData: (before, query) => (query?.queryKey[1] === chosen?.number ? keepPreviousData(before) : undefined),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return { preview: query, sent };
}

function useStart(chosen: Chosen | null, options: ImportOptions) {
  const keys = useRef(new IdempotencyKeys());
  const [sent, setSent] = useState(0);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const mutation = useMutation({
    mutationFn: () => {
      if (!chosen) throw new Error("no file is chosen");
      setSent(0);
      const key = keys.current.keyFor(JSON.stringify([chosen.number, options]));
      return startJob({ file: chosen.file, options, signal: new AbortController().signal, onSent: setSent }, key);
    },
    retry: (failures, error) => failures < 3 && asApiError(error).temporary,
    onSuccess: async ({ id }) => {
      void queryClient.invalidateQueries({ queryKey: jobsQuery.queryKey });
      await navigate({ to: "/jobs/$jobId", params: { jobId: id } });
    },
  });
  return { ...mutation, sent };
}
