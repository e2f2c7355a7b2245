import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { populationsQuery } from "../../api/queries";
import { defaultPopulation } from "../populations/defaultPopulation";
import { useStart } from "../upload/useStart";
import { useTrial } from "../upload/useTrial";
import { usePreview, useUpload } from "../upload/useUpload";
import { type Choices, firstChoices, modifyOptions } from "./choices";

export type ModifyFlow = ReturnType<typeof useModifyFlow>;

/** What the page knows between the choice of a file and the start of the modification. */
export function useModifyFlow() {
  const upload = useUpload();
  const [changes, setChanges] = useState<Partial<Choices>>({});
  const populations = useQuery(populationsQuery);
  const choices: Choices = { ...firstChoices, population: defaultPopulation(populations.data ?? []), ...changes };
  const options = modifyOptions(choices);
  const reading = usePreview(upload.chosen, options, true);
  const start = useStart(upload.chosen, options);
  const trial = useTrial(upload.chosen, options);
  const change = (change: Partial<Choices>) => setChanges((before) => ({ ...before, ...change }));
  return { upload, choices, change, reading, start, trial };
}
