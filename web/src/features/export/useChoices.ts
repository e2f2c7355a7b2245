import { useState } from "react";

import { type Choices, firstChoices } from "./choices";

export function useChoices() {
  const [choices, setChoices] = useState(firstChoices);
  return { choices, change: (change: Partial<Choices>) => setChoices((before) => ({ ...before, ...change })) };
}

export interface StepProps {
  choices: Choices;
  change: (change: Partial<Choices>) => void;
}
