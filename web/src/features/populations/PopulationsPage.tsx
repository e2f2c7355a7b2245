import { Button, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { populationsQuery } from "../../api/queries";
import { plural } from "../../lib/format";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PlusIcon } from "../../ui/icons";
import page from "../../ui/page.module.css";
import { useTitle } from "../../ui/useTitle";
import { Where } from "../job/Where";
import { DeleteDialog } from "./DeleteDialog";
import { type Edited, EditDialog } from "./EditDialog";
import classes from "./PopulationsPage.module.css";
import { PopulationsTable } from "./PopulationsTable";
import { totalUsers } from "./totals";

/** Where users live: each population with its users, and what can be done with it. */
export function PopulationsPage() {
  const { data, error, isPending, refetch } = useQuery({ ...populationsQuery, staleTime: 0 });
  const [edited, setEdited] = useState<Edited | null>(null);
  const [doomed, setDoomed] = useState<string | null>(null);
  const [told, setTold] = useState("");
  const total = totalUsers(data);
  useTitle("Populations");
  const deleted = data?.find(({ id }) => id === doomed) ?? null;
  return (
    <div className={page.flow}>
      <div className={classes.head}>
        <div>
          <h1 className={page.heading}>Populations</h1>
          <p className={page.lead}>
            Of <Where />. Every user is in exactly one of them.
          </p>
        </div>
        <Button leftSection={<PlusIcon />} onClick={() => setEdited("new")}>
          New population
        </Button>
      </div>
      <p className="visually-hidden" role="status">
        {told}
      </p>
      <Card title="All populations" aside={data && <span className={classes.sum}>{summed(data.length, total)}</span>}>
        {error && <ErrorNotice what="The populations could not be loaded" error={error} retry={() => void refetch()} />}
        {isPending && <Loader size="sm" aria-label="Loading" />}
        {data && <PopulationsTable populations={data} edit={setEdited} remove={({ id }) => setDoomed(id)} tell={setTold} />}
      </Card>
      {edited && <EditDialog edited={edited} close={() => setEdited(null)} tell={setTold} />}
      {deleted && <DeleteDialog population={deleted} close={() => setDoomed(null)} tell={setTold} />}
    </div>
  );
}

function summed(populations: number, users: number | null): string {
  return users === null ? plural(populations, "population") : `${plural(users, "user")} in ${plural(populations, "population")}`;
}
