import { Link } from "@tanstack/react-router";

import { ExportIcon, ImportIcon, ListIcon, PencilIcon, TrashIcon, UsersIcon } from "../ui/icons";
import classes from "./Navigation.module.css";

const places = [
  { to: "/", label: "Import", icon: ImportIcon },
  { to: "/modify", label: "Modify", icon: PencilIcon },
  { to: "/delete", label: "Delete", icon: TrashIcon },
  { to: "/export", label: "Export", icon: ExportIcon },
  { to: "/populations", label: "Populations", icon: UsersIcon },
  { to: "/jobs", label: "Jobs", icon: ListIcon },
] as const;

/** The way to every page that begins something. */
export function Navigation() {
  return (
    <nav className={classes.nav} aria-label="Main">
      <ul>
        {places.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link to={to} className={classes.link} activeOptions={{ exact: to === "/" }}>
              <Icon size={15} />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
