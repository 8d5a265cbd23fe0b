/** Answers of `/kpi` as the screens read them. Money and ratios are decimal strings. */
export type Figure = string | number | null;
export type Bilingual = { fr: string; en: string };
export type PeriodShape = { from: string; to: string; kind: string; label: string };

export type Aimed = {
  value: Figure;
  reason: Bilingual | null;
  components: Record<string, Figure>;
  target: Figure;
  target_origin: string | null;
  attainment: string | null;
  expected_to_date: Figure;
  gap: Figure;
  pace: string | null;
  target_met: boolean | null;
};
export type Comparison = {
  kind: 'previous' | 'previous_year';
  value: Figure;
  components: Record<string, Figure>;
  period: PeriodShape;
  change: string | null;
};
export type Group = Aimed & {
  key: string | null;
  label: string | null;
  unassigned: boolean;
  comparisons: Comparison[];
};
export type KpiAnswer = Aimed & {
  name: string;
  label: Bilingual;
  unit: string;
  currency: string | null;
  period: PeriodShape;
  as_of: string;
  as_of_day: string;
  count: number | null;
  working_days: { elapsed: number; total: number };
  comparisons: Comparison[];
  series: { period: PeriodShape; value: Figure; components: Record<string, Figure> }[];
  groups: Group[];
  team_average: { value: Figure; reps: number } | null;
  warnings: { code: string; message: Bilingual }[];
  definition_version: number;
};
export type Board = {
  screen: string;
  period: PeriodShape;
  as_of: string;
  as_of_day: string;
  currency: string;
  company: string;
  headline: Record<'fr' | 'en', { text: string; tone: 'strong' | 'plain' | 'bad' }[]>;
  kpis: Record<string, KpiAnswer>;
  lists: Record<string, any>;
};
/** One record behind a number, or one line to act on. */
export type Row = {
  resource: string;
  id: string;
  title: string | null;
  status?: string | null;
  customer_id: string | null;
  customer: string | null;
  city?: string | null;
  owner_id?: string | null;
  owner?: string | null;
  on?: string | null;
  contribution?: Figure;
  contributions?: Record<string, Figure>;
  details: Record<string, any>;
  [other: string]: any;
};
