import { Table } from "@mantine/core";
import { memo } from "react";

import type { Job, LedgerRow } from "../../api/types";
import { count } from "../../lib/format";
import { ScrollBox } from "../../ui/ScrollBox";
import tables from "../../ui/tables.module.css";
import { outcomeWord } from "./kinds";
import { outcomeLooks } from "./outcomes";

interface RowsTableProps {
  rows: readonly LedgerRow[];
  label: string;
  job: Job;
}

/** Rows of the ledger with PingOne's own words. */
export function RowsTable({ rows, label, job }: RowsTableProps) {
  return (
    <ScrollBox label={label} maxHeight={440}>
      <Table className={tables.table} verticalSpacing={6} highlightOnHover>
        <Table.Caption className="visually-hidden">{label}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col" className={tables.number}>
              {job.kind === "delete" ? "No." : "Line"}
            </Table.Th>
            <Table.Th scope="col">User</Table.Th>
            <Table.Th scope="col">Outcome</Table.Th>
            <Table.Th scope="col">Reason</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Row key={row.row} row={row} word={outcomeWord(job, row.outcome)} />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollBox>
  );
}

/** Rows never change once they are in the ledger. */
const Row = memo(function Row({ row, word }: { row: LedgerRow; word: string }) {
  const { icon: Icon, tone } = outcomeLooks[row.outcome];
  return (
    <Table.Tr>
      <Table.Td className={tables.number}>{count(row.line)}</Table.Td>
      <Table.Th scope="row" className={tables.key}>
        {row.key || <span className={tables.soft}>(no username)</span>}
      </Table.Th>
      <Table.Td>
        <span className={tables.status} data-tone={tone}>
          <Icon size={14} />
          {word}
        </span>
      </Table.Td>
      <Table.Td>
        <Reason row={row} />
      </Table.Td>
    </Table.Tr>
  );
});

function Reason({ row }: { row: LedgerRow }) {
  const column = row.column && [`column ${row.column}`, row.column_name && `“${row.column_name}”`].filter(Boolean).join(" ");
  const details = [row.code, column, row.target, row.correlation_id].filter(Boolean);
  return (
    <>
      {row.message}
      {details.length > 0 && (
        <div className={`${tables.code} ${tables.details}`}>
          {details.map((detail) => (
            <span key={detail}>{detail}</span>
          ))}
        </div>
      )}
    </>
  );
}
