import { Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

interface AnchorProps extends ButtonProps, Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps> {
  ref?: Ref<HTMLAnchorElement>;
}

function Anchor(props: AnchorProps) {
  return <Button component="a" {...props} />;
}

/** A link to a page that looks like a button, with that page's own search parameters. */
export const ButtonLink = createLink(Anchor);
