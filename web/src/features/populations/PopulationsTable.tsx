import { Button, Table } from "@mantine/core";

import type { Population } from "../../api/types";
import { count } from "../../lib/format";
import { ErrorNotice } from "../../ui/ErrorNotice";
import tables from "../../ui/tables.module.css";
import classes from "./PopulationsTable.module.css";
import { useChange } from "./useChange";

interface PopulationsTableProps {
  populations: readonly Population[];
  edit: (population: Population) => void;
  remove: (population: Population) => void;
  /** Says aloud what was done. */
  tell: (words: string) => void;
}

export function PopulationsTable({ populations, edit, remove, tell }: PopulationsTableProps) {
  const change = useChange();
  const makeDefault = ({ id, name }: Population) => {
    change.mutate({ id, patch: { default: true } }, { onSuccess: () => tell(`${name} is the default population now.`) });
  };
  return (
    <>
      {change.error && <ErrorNotice what="The default population was not changed" error={change.error} />}
      <div className={classes.scroll}>
        <Table className={tables.table} verticalSpacing={8} highlightOnHover>
          <Table.Caption className="visually-hidden">Populations of the environment</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Name</Table.Th>
              <Table.Th scope="col">Description</Table.Th>
              <Table.Th scope="col" className={tables.number}>
                Users
              </Table.Th>
              <Table.Th scope="col">
                <span className="visually-hidden">Actions</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {populations.map((population) => (
              <Row
                key={population.id}
                population={population}
                edit={() => edit(population)}
                remove={() => remove(population)}
                makeDefault={() => makeDefault(population)}
                isChanging={change.isPending && change.variables.id === population.id}
              />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}

interface RowProps {
  population: Population;
  edit: () => void;
  remove: () => void;
  makeDefault: () => void;
  isChanging: boolean;
}

function Row({ population, edit, remove, makeDefault, isChanging }: RowProps) {
  const { id, name, description, default: isDefault, user_count: users } = population;
  const of = <span className="visually-hidden"> {name}</span>;
  return (
    <Table.Tr>
      <Table.Th scope="row" className={tables.key}>
        {name}
        {isDefault && <span className={classes.badge}>Default</span>}
        <code className={classes.id}>{id}</code>
      </Table.Th>
      <Table.Td className={classes.description}>{description}</Table.Td>
      <Table.Td className={tables.number}>{typeof users === "number" ? count(users) : <span className={tables.soft}>not told</span>}</Table.Td>
      <Table.Td>
        <div className={classes.actions}>
          {!isDefault && (
            <Button size="compact-xs" variant="default" loading={isChanging} onClick={makeDefault}>
              Make default{of}
            </Button>
          )}
          <Button size="compact-xs" variant="default" onClick={edit}>
            Rename{of}
          </Button>
          <Button size="compact-xs" variant="default" className={classes.delete} onClick={remove}>
            Delete{of}
          </Button>
        </div>
      </Table.Td>
    </Table.Tr>
  );
}
