import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";

import { ImportPage } from "../features/import/ImportPage";
import { JobPage } from "../features/job/JobPage";
import { StatusPage } from "../features/status/StatusPage";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const home = createRoute({ getParentRoute: () => root, path: "/", component: ImportPage });
const status = createRoute({ getParentRoute: () => root, path: "/status", component: StatusPage });
export const jobRoute = createRoute({ getParentRoute: () => root, path: "/jobs/$jobId", component: JobRoute });

export const router = createRouter({ routeTree: root.addChildren([home, status, jobRoute]), scrollRestoration: false });

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
