import type { components } from "./schema";

type Schemas = components["schemas"];

export type Attribute = Schemas["AttributeView"];
export type Format = Schemas["Format"];
export type Health = Schemas["HealthReport"];
export type HealthHistory = Schemas["HealthHistory"];
export type Job = Schemas["JobView"];
export type JobDetails = Schemas["JobDetails"];
export type JobEvent = Schemas["Event"];
/** What the page says about a job; what it leaves out has its default. */
export type JobOptions = Partial<Schemas["JobOptions"]> & { kind: Kind };
export type JobStatus = Schemas["JobStatus"];
export type JobWarning = Schemas["JobWarning"];
export type Kind = Schemas["Kind"];
export type MatchBy = Schemas["MatchBy"];
export type Page = Schemas["Page"];
export type LedgerRow = Schemas["LedgerRow"];
export type Outcome = Schemas["Outcome"];
export type Population = Schemas["PopulationView"];
export type PopulationDraft = Schemas["PopulationDraft"];
export type PopulationPatch = Schemas["PopulationPatch"];
export type Preview = Schemas["Preview"];
export type Problem = Schemas["ProblemDetails"];
