/**
 * Answers of `/kpi` as the screens read them. Money and ratios are decimal strings.
 *
 * @typedef {string | number | null} Figure
 * @typedef {{fr: string, en: string}} Bilingual
 * @typedef {{from: string, to: string, kind: string, label: string}} PeriodShape
 * @typedef {{value: Figure, reason: Bilingual | null, components: Record<string, Figure>, target: Figure, target_origin: string | null,
 *   attainment: string | null, expected_to_date: Figure, gap: Figure, pace: string | null, target_met: boolean | null}} Aimed
 * @typedef {{kind: 'previous' | 'previous_year', value: Figure, components: Record<string, Figure>, period: PeriodShape,
 *   change: string | null}} Comparison
 * @typedef {Aimed & {key: string | null, label: string | null, unassigned: boolean, comparisons: Comparison[]}} Group
 * @typedef {Aimed & {name: string, label: Bilingual, unit: string, currency: string | null, period: PeriodShape, as_of: string,
 *   as_of_day: string, count: number | null, working_days: {elapsed: number, total: number}, comparisons: Comparison[],
 *   series: {period: PeriodShape, value: Figure, components: Record<string, Figure>}[], groups: Group[],
 *   team_average: {value: Figure, reps: number} | null, warnings: {code: string, message: Bilingual}[],
 *   definition_version: number}} KpiAnswer
 * @typedef {{screen: string, period: PeriodShape, as_of: string, as_of_day: string, currency: string, company: string,
 *   headline: Record<'fr' | 'en', {text: string, tone: 'strong' | 'plain' | 'bad'}[]>, kpis: Record<string, KpiAnswer>,
 *   lists: Record<string, any>}} Board
 *   a screen, in its one answer
 * @typedef {{resource: string, id: string, title: string | null, status?: string | null, customer_id: string | null,
 *   customer: string | null, city?: string | null, owner_id?: string | null, owner?: string | null, on?: string | null,
 *   contribution?: Figure, contributions?: Record<string, Figure>, details: Record<string, any>, [other: string]: any}} Row
 *   one record behind a number, or one line to act on
 */
export {};
