import { Button, Loader } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { allJobsQuery } from "../../api/queries";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useTitle } from "../../ui/useTitle";
import page from "../../ui/page.module.css";
import classes from "./JobsPage.module.css";
import { JobsTable } from "./JobsTable";

/** Every job there ever was, newest first. */
export function JobsPage() {
  const { data, error, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery(allJobsQuery);
  useTitle("Jobs");
  const jobs = data?.pages.flat();
  return (
    <div className={page.flow}>
      <div>
        <h1 className={page.heading}>Jobs</h1>
        <p className={page.lead}>Whoever started them, here or on the command line. They stay until they are pruned.</p>
      </div>
      <Card title="All jobs">
        {error && <ErrorNotice what="The jobs could not be loaded" error={error} retry={() => void refetch()} />}
        {!jobs && !error && <Loader size="sm" aria-label="Loading" />}
        {jobs?.length === 0 && <p className={classes.empty}>None yet. The first one shows up here and stays here after a restart.</p>}
        {jobs && jobs.length > 0 && <JobsTable jobs={jobs} />}
        {hasNextPage && (
          <Button mt="md" size="xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show older jobs
          </Button>
        )}
      </Card>
    </div>
  );
}
