import { Table } from "@mantine/core";

import type { Preview } from "../../api/types";
import { ArrowIcon, CheckIcon, SkipIcon, WarningIcon } from "../../ui/icons";
import { ScrollBox } from "../../ui/ScrollBox";
import tables from "../../ui/tables.module.css";

type Column = Preview["columns"][number];

const statuses = {
  mapped: { icon: CheckIcon, tone: "ok", words: "Understood" },
  unknown: { icon: WarningIcon, tone: "warn", words: "Unknown" },
  ignored: { icon: SkipIcon, tone: "plain", words: "Ignored" },
} as const;

interface ColumnsTableProps {
  columns: Column[];
  /** Whether only the column that names the user counts, so that no other can be wrong. */
  namesOnly?: boolean;
}

/** Which column of the file becomes which attribute of a user. */
export function ColumnsTable({ columns, namesOnly = false }: ColumnsTableProps) {
  return (
    <ScrollBox label="Columns" maxHeight={380}>
      <Table className={tables.table} verticalSpacing={6}>
        <Table.Caption className="visually-hidden">Columns of the file and what becomes of them</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Column in the file</Table.Th>
            <Table.Th scope="col">PingOne attribute</Table.Th>
            <Table.Th scope="col">Status</Table.Th>
            <Table.Th scope="col">Samples</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {columns.map((column) => (
            <Row key={column.index} column={namesOnly && column.status === "unknown" ? { ...column, status: "ignored", suggestion: null } : column} />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollBox>
  );
}

function Row({ column }: { column: Column }) {
  const { icon: Icon, tone, words } = statuses[column.status];
  return (
    <Table.Tr data-tone={tone}>
      <Table.Th scope="row" className={tables.key}>
        {column.header || <em>(no name)</em>}
      </Table.Th>
      <Table.Td>
        <Attribute column={column} />
      </Table.Td>
      <Table.Td>
        <span className={tables.status} data-tone={tone}>
          <Icon size={14} />
          {words}
        </span>
      </Table.Td>
      <Table.Td className={tables.samples}>{column.samples.filter(Boolean).slice(0, 3).join(" · ")}</Table.Td>
    </Table.Tr>
  );
}

function Attribute({ column }: { column: Column }) {
  if (column.attribute) {
    return (
      <span className={tables.mapping}>
        <ArrowIcon size={14} />
        <code>{column.attribute}</code>
      </span>
    );
  }
  if (!column.suggestion) return <span className={tables.soft}>none</span>;
  return (
    <span>
      Did you mean <code>{column.suggestion}</code>?
    </span>
  );
}
