import { Popover, UnstyledButton } from "@mantine/core";
import type { ComponentType, ReactNode } from "react";

import classes from "./Pill.module.css";
import type { Tone } from "./tone";

interface PillProps {
  tone: Tone | "plain";
  icon: ComponentType<{ size?: number }>;
  label: string;
}

/** A short state: icon, words and colour. */
export function Pill({ tone, icon: Icon, label }: PillProps) {
  return (
    <span className={classes.pill} data-tone={tone}>
      <Icon size={14} />
      {label}
    </span>
  );
}

interface PillButtonProps extends PillProps {
  /** What the state is of, for those who do not see where the pill is. */
  subject: string;
  /** The explanation that opens on a click. */
  children: ReactNode;
}

/** A state that explains itself on a click. */
export function PillButton({ subject, label, tone, icon: Icon, children }: PillButtonProps) {
  return (
    <Popover width={340} position="bottom-end" trapFocus={false} returnFocus>
      <Popover.Target>
        <UnstyledButton className={classes.pill} data-tone={tone} data-button>
          <Icon size={14} />
          <span className="visually-hidden">{subject}: </span>
          {label}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown}>{children}</Popover.Dropdown>
    </Popover>
  );
}
