import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { JobOptions } from "../../api/types";
import { preview } from "../../api/upload";

/** A chosen file; the number tells two choices of one name apart. */
export interface Chosen {
  file: File;
  number: number;
}

export type Upload = ReturnType<typeof useUpload>;

/** The file that somebody chose. */
export function useUpload() {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  return {
    chosen,
    choose: (file: File) => setChosen((before) => ({ file, number: (before?.number ?? 0) + 1 })),
    forget: () => setChosen(null),
  };
}

/** How the server understands the chosen file with these options, asked again when they would change that. */
export function usePreview(chosen: Chosen | null, options: JobOptions, ready: boolean) {
  const [sent, setSent] = useState(0);
  // A dry run reads the file just as the real one does, and so does every population once there is one: a big file is
  // not sent again for these.
  const asked = { ...options, dry_run: false };
  const reading = { ...asked, population: (asked.population ?? null) !== null };
  const query = useQuery({
    queryKey: ["preview", chosen?.number, reading],
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
