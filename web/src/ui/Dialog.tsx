import { Modal } from "@mantine/core";
import type { ReactNode } from "react";

import classes from "./Dialog.module.css";

interface DialogProps {
  title: string;
  close: () => void;
  opened?: boolean;
  children: ReactNode;
}

/** A question in front of the page. Its title stands in the body, because a header of its own would count as the page's. */
export function Dialog({ title, close, opened = true, children }: DialogProps) {
  return (
    <Modal.Root opened={opened} onClose={close} centered>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body className={classes.body}>
          <div className={classes.head}>
            <Modal.Title className={classes.title}>{title}</Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </div>
          {children}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
