import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";

import { DeletePage } from "../features/delete/DeletePage";
import { ExportPage } from "../features/export/ExportPage";
import { ImportPage } from "../features/import/ImportPage";
import { JobPage } from "../features/job/JobPage";
import { JobsPage } from "../features/jobs/JobsPage";
import { ModifyPage } from "../features/modify/ModifyPage";
import { PopulationsPage } from "../features/populations/PopulationsPage";
import { StatusPage } from "../features/status/StatusPage";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const home = createRoute({ getParentRoute: () => root, path: "/", component: ImportPage });
const modifying = createRoute({ getParentRoute: () => root, path: "/modify", component: ModifyPage });
const deleting = createRoute({ getParentRoute: () => root, path: "/delete", component: DeletePage, validateSearch: deleteSearch });
const populations = createRoute({ getParentRoute: () => root, path: "/populations", component: PopulationsPage });
const exporting = createRoute({ getParentRoute: () => root, path: "/export", component: ExportPage });
const jobs = createRoute({ getParentRoute: () => root, path: "/jobs", component: JobsPage });
const status = createRoute({ getParentRoute: () => root, path: "/status", component: StatusPage });
export const jobRoute = createRoute({ getParentRoute: () => root, path: "/jobs/$jobId", component: JobRoute });

export const router = createRouter({ routeTree: root.addChildren([home, modifying, deleting, exporting, populations, status, jobs, jobRoute]), scrollRestoration: false });

interface DeleteSearch {
  /** The population to begin with. */
  population?: string;
  /** Whether it goes, too. */
  emptied?: boolean;
  /** A deletion to begin with, or the plan of one. */
  like?: string;
}

function deleteSearch({ population, emptied, like }: Record<string, unknown>): DeleteSearch {
  if (typeof like === "string") return { like };
  return typeof population === "string" ? { population, emptied: emptied === true } : {};
}

/** A page of its own for each job: nothing of one job's page may stay when another is opened. */
function JobRoute() {
  const { jobId } = jobRoute.useParams();
  return <JobPage key={jobId} id={jobId} />;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
