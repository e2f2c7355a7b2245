import { Link, Outlet } from "@tanstack/react-router";

import { ConnectionBadge } from "../features/status/ConnectionBadge";
import { HealthBadge } from "../features/status/HealthBadge";
import { PingOneBadge } from "../features/status/PingOneBadge";
import { Brand } from "./Brand";
import { SchemeToggle } from "./SchemeToggle";
import classes from "./Shell.module.css";

/** What every page has: the name, and how things stand. */
export function Shell() {
  return (
    <>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <header className={classes.header}>
        <div className={classes.inner}>
          <Link to="/" className={classes.home} aria-label="PingOne Import Tool, start page">
            <Brand />
          </Link>
          <div className={classes.badges}>
            <PingOneBadge />
            <ConnectionBadge />
            <HealthBadge />
            <SchemeToggle />
          </div>
        </div>
      </header>
      <main id="content" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}
