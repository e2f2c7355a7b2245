import { Button, Code } from "@mantine/core";

import { Brand } from "./Brand";
import { FullPage } from "./FullPage";

/** Without a session. Whoever can read the server's terminal may come in. */
export function SignedOut() {
  return (
    <FullPage>
      <Brand />
      <h1>Please open the login link</h1>
      <p>This browser has no session, or the session has ended. Jobs that are running go on regardless.</p>
      <ol>
        <li>
          Go to the terminal in which <Code>pingone-import serve</Code> runs.
        </li>
        <li>
          Open the link that it printed; it looks like <Code>{globalThis.location.origin}/login?token=…</Code> and works
          once.
        </li>
        <li>
          A link works for ten minutes. If it is spent or too old, run <Code>pingone-import login-link</Code> on the same
          machine: it prints a new one.
        </li>
      </ol>
      <Button variant="default" onClick={() => globalThis.location.reload()}>
        I have opened it, try again
      </Button>
    </FullPage>
  );
}
