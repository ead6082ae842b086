/** The API's values by the names that the pages use; `schema.ts` is generated (`npm run api:types`). */

import type { components } from "~/api/schema";

type Schemas = components["schemas"];

export type Session = Schemas["Session"];
export type Source = Schemas["SourceInfo"];
export type HeaderFormat = Schemas["HeaderFormatShape"];
export type HeaderPreview = Schemas["PreviewShape"];
export type PreviewRecord = Schemas["PreviewRecordShape"];
export type Batch = Schemas["BatchInfo"];
export type UploadResult = Schemas["UploadAnswer"];
export type Sample = Schemas["SampleInfo"];
export type SampleResult = Schemas["SampleAnswer"];
export type Job = Schemas["JobInfo"];
export type Jobs = Schemas["JobList"];
export type Token = Schemas["TokenInfo"];
export type WantedToken = Schemas["NewTokenRequest"];

export type LevelName = Schemas["LevelEnum"];
export type LevelCounts = Partial<Record<string, number>>;
export type Variable = Schemas["VariableShape"];
export type Hit = Schemas["HitShape"];
export type Note = Schemas["NoteShape"];
export type SearchPage = Schemas["PageShape"];
export type SearchStats = Schemas["StatsShape"];
export type Histogram = Schemas["HistogramShape"];
export type Facet = Schemas["FacetShape"];
export type FacetValue = Schemas["FacetValueShape"];
export type Pattern = Schemas["PatternShape"];
export type PatternPage = Schemas["PatternsShape"];
export type SingleRecord = Schemas["RecordShape"];
export type Context = Schemas["ContextShape"];
export type QueryField = Schemas["QueryFieldShape"];

export type Channel = Schemas["ChannelInfo"];
export type WantedChannel = Schemas["NewChannelRequest"];
export type ChannelKind = Channel["kind"];
export type TestResult = Schemas["TestAnswer"];
export type Delivery = Schemas["DeliveryInfo"];
export type Rule = Schemas["RuleInfo"];
export type WantedRule = Schemas["NewRuleRequest"];
export type Condition = Schemas["ConditionShape"];
export type Backtest = Schemas["BacktestShape"];
export type AlertEvent = Schemas["EventInfo"];
export type Maintenance = Schemas["MaintenanceInfo"];
export type Plan = Schemas["PlanInfo"];
export type WantedPlan = Schemas["NewPlanRequest"];
export type Report = Schemas["ReportInfo"];
export type FullReport = Schemas["FullReport"];
export type ReportSection = Schemas["SectionShape"];

/** RFC 9457, as the API answers errors; the document does not list it. */
export interface Problem {
  title: string;
  status: number;
  detail?: string;
  /** 0-based place of a fault in the query, in code points. */
  position?: number;
  length?: number;
}
