import { Center, Loader } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";

import { asApiError } from "../api/problem";
import { sessionQuery } from "../api/queries";
import { signedOut } from "../api/signals";
import { FullPage } from "./FullPage";
import { RealtimeProvider } from "./RealtimeProvider";
import { SignedOut } from "./SignedOut";
import { Unreachable } from "./Unreachable";

/** Lets the page through once the server knows who asks. */
export function SessionGate({ children }: { children: ReactNode }) {
  const session = useQuery(sessionQuery);
  const refused = useSignedOut();
  if (refused) return <SignedOut />;
  if (session.isSuccess) return <RealtimeProvider>{children}</RealtimeProvider>;
  if (session.isError && asApiError(session.error).status !== 401) {
    return <Unreachable error={session.error} retry={() => void session.refetch()} />;
  }
  return (
    <FullPage>
      <Center>
        <Loader aria-label="Loading" />
      </Center>
    </FullPage>
  );
}

function useSignedOut(): boolean {
  const [refused, setRefused] = useState(false);
  const queryClient = useQueryClient();
  useEffect(
    () =>
      signedOut.add(() => {
        setRefused(true);
        void queryClient.cancelQueries();
      }),
    [queryClient],
  );
  return refused;
}
