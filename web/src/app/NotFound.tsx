import { Link } from "@tanstack/react-router";

import { Notice } from "../ui/Notice";

export function NotFound() {
  return (
    <Notice tone="info" title="There is no such page">
      The address may be mistyped. <Link to="/">Go to the import page</Link>.
    </Notice>
  );
}
