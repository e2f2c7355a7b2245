import type { components } from "./schema";

type Schemas = components["schemas"];

export type Health = Schemas["HealthReport"];
export type ImportOptions = Required<Schemas["JobOptions"]>;
export type Job = Schemas["JobView"];
export type JobEvent = Schemas["Event"];
export type JobStatus = Schemas["JobStatus"];
export type Page = Schemas["Page"];
export type LedgerRow = Schemas["LedgerRow"];
export type Outcome = Schemas["Outcome"];
export type Population = Schemas["PopulationView"];
export type Preview = Schemas["Preview"];
export type Problem = Schemas["ProblemDetails"];
