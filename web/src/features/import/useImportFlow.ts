import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { populationsQuery } from "../../api/queries";
import type { JobOptions } from "../../api/types";
import { defaultPopulation } from "../populations/defaultPopulation";
import { useStart } from "../upload/useStart";
import { useTrial } from "../upload/useTrial";
import { usePreview, useUpload } from "../upload/useUpload";
import { type Choices, noChoices } from "./readiness";

export type ImportFlow = ReturnType<typeof useImportFlow>;

/** What the page knows between the choice of a file and the start of the import. */
export function useImportFlow() {
  const upload = useUpload();
  const [changes, setChanges] = useState<Partial<Choices>>({});
  const populations = useQuery(populationsQuery);
  const choices: Choices = { ...noChoices, population: defaultPopulation(populations.data ?? []), ...changes };
  const understanding = readingOptions(choices);
  const reading = usePreview(upload.chosen, understanding, !populations.isPending);
  const options = { ...understanding, welcome_mail: choices.welcomeMail.trim() === "" ? null : choices.welcomeMail };
  const start = useStart(upload.chosen, options);
  const trial = useTrial(upload.chosen, options);
  const change = (change: Partial<Choices>) => setChanges((before) => ({ ...before, ...change }));
  return { upload, choices, change, populations, reading, start, trial };
}

/** What the preview depends on. */
function readingOptions({ population, mapping, ignoreUnknown }: Choices): JobOptions {
  return { kind: "import", mode: "create", population, saved_mapping: mapping, ignore_unknown_columns: ignoreUnknown };
}
