import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { ConnectionBadge } from "../features/status/ConnectionBadge";
import { HealthBadge } from "../features/status/HealthBadge";
import { PingOneBadge } from "../features/status/PingOneBadge";
import { Brand } from "./Brand";
import { Navigation } from "./Navigation";
import { SchemeToggle } from "./SchemeToggle";
import classes from "./Shell.module.css";

/** What every page has: the name, and how things stand. */
export function Shell() {
  const content = useFocusOnNavigation();
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
        <Navigation />
      </header>
      <main id="content" className={classes.main} tabIndex={-1} ref={content}>
        <Outlet />
      </main>
    </>
  );
}

/** What had the focus is gone with the page that was left; the new page takes it, and is read from its beginning. */
function useFocusOnNavigation() {
  const content = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    content.current?.focus({ preventScroll: true });
    globalThis.scrollTo(0, 0);
  }, [pathname]);
  return content;
}
