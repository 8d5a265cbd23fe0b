import { query } from '../../api/client.js';
import { addDays } from '../../app/periods.js';
import { user } from '../../app/session.js';
import { today } from '../../i18n/format.js';
import { readStored, writeStored } from '../../i18n/index.js';

/**
 * A report being written, kept on this device at each keystroke until it is sent or thrown away.
 *
 * @typedef {{outcome: string, summary: string, customer_words: string, next_step: string, next_step_on: string, held_on: string}} Fields
 * @typedef {{visit?: string, customer: string, name: string, planned_on?: string | null}} Target
 *   a planned visit, or (without `visit`) a customer met without one; `name`: the customer's
 */

/** @type {(keyof Fields)[]} */
export const FIELDS = ['outcome', 'summary', 'customer_words', 'next_step', 'next_step_on'];

/** The visits one may report on: one's own still planned, from two weeks ago to tomorrow. @param {string} user id */
export const visitsPath = (user) =>
  `/visits${query({
    owner_id: user,
    status: 'planned',
    planned_on_from: addDays(today(), -14),
    planned_on_to: addDays(today(), 1),
    sort: '-planned_on,planned_time',
    limit: 100,
  })}`;

/** @param {Target} target @returns {string} where its draft is kept: each person's own on a shared device */
const place = (target) => `report.${user.peek()?.id ?? ''}.${target.visit ?? target.customer}`;

/**
 * The draft as it was left, else a new one: held on the day planned if that has come.
 * @param {Target} target
 * @returns {{fields: Fields, key: string}} `key`: idempotency key of this report, whenever it is sent
 */
export function openDraft(target) {
  const now = today();
  const planned = target.planned_on && target.planned_on <= now ? target.planned_on : now;
  /** @type {Fields} */
  const empty = {
    outcome: '',
    summary: '',
    customer_words: '',
    next_step: '',
    next_step_on: '',
    held_on: planned,
  };
  try {
    const kept = JSON.parse(readStored(place(target)) ?? 'null');
    if (kept) return { fields: { ...empty, ...kept.fields }, key: kept.key };
  } catch {
    // A draft one cannot read is no draft.
  }
  return { fields: empty, key: crypto.randomUUID() };
}

/** @param {Target} target @param {Fields} fields @param {string} key */
export const keepDraft = (target, fields, key) => writeStored(place(target), JSON.stringify({ fields, key }));

/** @param {Target} target */
export const dropDraft = (target) => writeStored(place(target), null);

/** @param {Fields} fields @returns {boolean} whether anything was written */
export const isEmpty = (fields) => FIELDS.every((name) => !fields[name].trim());

/**
 * What is sent, and where to.
 * @param {Target} target @param {Fields} fields
 * @returns {{path: string, body: Record<string, string>}}
 */
export function requestOf(target, fields) {
  const body = Object.fromEntries(
    Object.entries(fields)
      .map(([name, value]) => [name, value.trim()])
      .filter(([, value]) => value),
  );
  const path = target.visit ? `/visits/${target.visit}/report` : `/customers/${target.customer}/visit-report`;
  return { path, body };
}

/**
 * A report that waits, as it was written: to be corrected.
 * @param {import('../../api/outbox.js').Item} item
 * @returns {{target: Target, fields: Fields, key: string} | null} null when it is no visit report
 */
export function waiting(item) {
  const found = /^\/(visits|customers)\/([^/]+)\/(report|visit-report)$/.exec(item.path);
  if (!found) return null;
  const target = {
    ...(found[1] === 'visits' ? { visit: found[2], customer: '' } : { customer: found[2] }),
    name: item.label,
  };
  return { target, fields: { ...openDraft({ customer: '', name: '' }).fields, ...item.body }, key: item.key };
}
