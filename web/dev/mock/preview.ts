import type { Preview } from "../../src/api/types";

type Column = Preview["columns"][number];

function column(index: number, header: string, attribute: string | null, samples: string[], more: Partial<Column> = {}): Column {
  return { index, header, attribute, status: attribute ? "mapped" : "unknown", suggestion: null, samples, ...more };
}

/** A file with something of everything that can be wrong. */
export const MISSPELT: Preview = {
  format: "csv",
  encoding: "windows-1252",
  delimiter: ";",
  total: 12_480,
  valid: 12_465,
  invalid: 11,
  duplicates: 4,
  population: { id: "p1", name: "Staff" },
  columns: [
    column(0, "userNmae", null, ["ada", "grace", "edsger"], { suggestion: "username" }),
    column(1, "Login", "username", ["ada@example.com", "grace@example.com", "edsger@example.com"]),
    column(2, "E-Mail Address", "email", ["ada@example.com", "grace@example.com"]),
    column(3, "First Name", "name.given", ["Ada", "Grace", "Edsger"]),
    column(4, "Surname", "name.family", ["Lovelace", "Hopper", "Dijkstra"]),
    column(5, "population_id", "population.id", ["Staff", "", "Contractors"]),
    column(6, "shoe size", null, ["38", "41"]),
    column(7, "createdAt", null, ["2024-11-02"], { status: "ignored" }),
  ],
  problems: [
    { row: 17, line: 18, column: "E-Mail Address", code: "invalid_email", message: "“ada.example.com” is not an e-mail address." },
    { row: 203, line: 205, column: "Login", code: "missing_username", message: "The row has no username; PingOne needs one." },
    { row: 204, line: 206, column: null, code: "wrong_quoting", message: "A quote is opened and not closed on this line." },
    { row: 911, line: 914, column: "Login", code: "duplicate_username", message: "Same username as line 18; the row will be skipped." },
    { row: 1_210, line: 1_213, column: "population_id", code: "unknown_population", message: "There is no population “Stuff”. Did you mean “Staff”?" },
  ],
  sample_rows: [],
  requests: [],
};
