import { Table } from "@mantine/core";

import type { HealthHistory } from "../../api/types";
import { clockTime, plural } from "../../lib/format";
import { Card } from "../../ui/Card";
import { ScrollBox } from "../../ui/ScrollBox";
import tables from "../../ui/tables.module.css";
import { looks } from "./healthText";

/** When the state changed, and why; newest first. */
export function HistoryCard({ history }: { history: HealthHistory }) {
  const changes = [...history.changes].reverse();
  const odd = history.runs.filter((run) => run.found !== "healthy").length;
  return (
    <Card title="History">
      <p>
        {plural(history.runs.length, "test")} since the start or in the last two hours, {odd === 0 ? "all of them healthy" : `${odd} of them not healthy`}.
      </p>
      <ScrollBox label="Changes of the state" maxHeight={320}>
        <Table className={tables.table} verticalSpacing={6}>
          <Table.Caption className="visually-hidden">Changes of the state</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">At</Table.Th>
              <Table.Th scope="col">State</Table.Th>
              <Table.Th scope="col">Causes</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map((change) => {
              const { icon: Icon, tone, label } = looks[change.to];
              return (
                <Table.Tr key={change.at}>
                  <Table.Th scope="row">{clockTime(change.at)}</Table.Th>
                  <Table.Td>
                    <span className={tables.status} data-tone={tone}>
                      <Icon size={14} />
                      {label}
                    </span>
                  </Table.Td>
                  <Table.Td>{[...new Set(change.causes)].join(", ")}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </ScrollBox>
    </Card>
  );
}
