import type { components } from "./schema";

type Schemas = components["schemas"];

export type Connection = Schemas["Connection"];
export type Health = Schemas["Health"];
export type Job = Schemas["Job"];
export type LedgerRow = Schemas["LedgerRow"];
export type Population = Schemas["Population"];
export type Preview = Schemas["Preview"];
export type Problem = Schemas["Problem"];
export type RowPage = Schemas["RowPage"];
export type Session = Schemas["Session"];

export type JobStatus = Job["status"];
