import type { components } from "./schema";

type Schemas = components["schemas"];

export type Health = Schemas["HealthReport"];
export type HealthHistory = Schemas["HealthHistory"];
/** The options of a job that the page says something about; the others have their defaults. */
export type ImportOptions = Required<
  Pick<
    Schemas["JobOptions"],
    | "kind"
    | "mode"
    | "population"
    | "create_population"
    | "ignore_unknown_columns"
    | "dry_run"
    | "delimiter"
    | "encoding"
    | "saved_mapping"
  >
>;
export type Job = Schemas["JobView"];
export type JobEvent = Schemas["Event"];
export type JobStatus = Schemas["JobStatus"];
export type Page = Schemas["Page"];
export type LedgerRow = Schemas["LedgerRow"];
export type Outcome = Schemas["Outcome"];
export type Population = Schemas["PopulationView"];
export type Preview = Schemas["Preview"];
export type Problem = Schemas["ProblemDetails"];
