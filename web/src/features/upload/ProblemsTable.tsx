import { Table } from "@mantine/core";

import type { Preview } from "../../api/types";
import { count } from "../../lib/format";
import { ScrollBox } from "../../ui/ScrollBox";
import tables from "../../ui/tables.module.css";

/** The rows that would fail or be skipped, as far as the file alone shows. */
export function ProblemsTable({ preview }: { preview: Preview }) {
  const { problems, invalid, duplicates } = preview;
  const more = invalid + duplicates > problems.length;
  return (
    <div>
      <h3 className={tables.heading}>
        Problems{" "}
        <span className={tables.soft}>{more ? `(the first ${count(problems.length)})` : `(${count(problems.length)})`}</span>
      </h3>
      <ScrollBox label="Problems" maxHeight={300}>
        <Table className={tables.table} verticalSpacing={6}>
          <Table.Caption className="visually-hidden">Problems found in the file</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col" className={tables.number}>
                Line
              </Table.Th>
              <Table.Th scope="col">Column</Table.Th>
              <Table.Th scope="col">Problem</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {problems.map((problem, index) => (
              <Table.Tr key={index}>
                <Table.Td className={tables.number}>{count(problem.line)}</Table.Td>
                <Table.Td>{problem.column ? <code>{problem.column}</code> : <span className={tables.soft}>–</span>}</Table.Td>
                <Table.Td>
                  {problem.message} <span className={tables.code}>{problem.code}</span>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollBox>
    </div>
  );
}
