import { signal } from '@preact/signals';
import { get, patch, post, remove } from '../api/client.js';
import { touched } from '../api/query.js';
import { recordPath, to } from '../app/paths.js';
import { t } from '../i18n/index.js';
import { errorText } from '../ui/States.jsx';
import { toast } from '../ui/Toast.jsx';

/**
 * What one does with a row without leaving the screen. Each write can be undone by its own opposite, and is told to
 * whatever shows what it changed.
 * @typedef {import('./types.js').Row} Row
 * @typedef {{label: string, href?: string, run?: () => Promise<boolean>, ask?: string}} Action
 *   `ask`: which dialog asks for the rest
 */

/** Rises with each undo: a row that was taken off the list has its place again, though the server never told it gone. */
export const undone = signal(0);

/**
 * Does it, says so with its undo, and reads again what it touched.
 * @param {() => Promise<any>} act @param {{said: string, undo?: (answer: any) => Promise<any>, touches: string[]}} how
 * @returns {Promise<boolean>} whether it was done
 */
export async function perform(act, { said, undo, touches }) {
  const reload = () => touched(...touches);
  try {
    const answer = await act();
    reload();
    toast(said, {
      undo:
        undo &&
        (() =>
          undo(answer).then(
            () => {
              undone.value += 1;
              reload();
              toast(t('do.undone'));
            },
            (error) => toast(errorText(error), { tone: 'bad' }),
          )),
    });
    return true;
  } catch (error) {
    toast(errorText(error), { tone: 'bad' });
    reload();
    return false;
  }
}

/** @param {Row} row @returns {string} whom it is about */
export const about = (row) => row.customer ?? row.title ?? '';

/** The contact is logged and the quote leaves the list until its next follow-up. @param {Row} row @param {{next_follow_up_on?: string | null, notes?: string | null}} [more] */
export async function followUp(row, more = {}) {
  const before = get(`/quotes/${row.id}`).then(
    ({ data }) => data.next_follow_up_on,
    () => null,
  );
  const next = await before;
  return perform(() => post(`/quotes/${row.id}/follow-up`, more), {
    said: t('do.followed_up', { title: row.title ?? about(row) }),
    touches: ['quotes', 'interactions'],
    undo: async () => {
      const { data } = await get(`/interactions?limit=1&quote_id=${row.id}&sort=-created_at`, {
        fresh: true,
      });
      if (data.items[0]) await erase('interactions', data.items[0].id);
      await change('quotes', row.id, { next_follow_up_on: next });
    },
  });
}

/** Changes fields of a record as it stands now. @param {string} resource @param {string} id @param {Record<string, any>} fields */
export async function change(resource, id, fields) {
  const { etag } = await get(`/${resource}/${id}`, { fresh: true });
  return patch(`/${resource}/${id}`, fields, etag);
}

/** Takes back a record made a moment ago. @param {string} resource @param {string} id */
async function erase(resource, id) {
  const { etag } = await get(`/${resource}/${id}`, { fresh: true });
  return remove(`/${resource}/${id}`, etag);
}

/** @param {Row} row */
export const done = (row) =>
  perform(() => post(`/tasks/${row.id}/done`), {
    said: t('do.task_done', { title: row.title ?? '' }),
    touches: ['tasks'],
    undo: () => post(`/tasks/${row.id}/reopen`),
  });

/** Another day for a visit or a task. @param {Row} row @param {string} on @param {string | null} [reason] of the delay */
export async function reschedule(row, on, reason = null) {
  const task = row.resource === 'tasks';
  const verb = task ? 'snooze' : 'reschedule';
  const field = task ? 'due_on' : 'planned_on';
  const { data } = await get(`/${row.resource}/${row.id}`);
  const body = { [field]: on, ...(task || !reason ? {} : { late_reason: reason }) };
  return perform(() => post(`/${row.resource}/${row.id}/${verb}`, body), {
    said: t('do.rescheduled', { title: about(row) }),
    touches: [row.resource],
    undo: () => change(row.resource, row.id, { [field]: data[field] }),
  });
}

/** @param {Row} row */
export const cancelVisit = (row) =>
  perform(() => post(`/visits/${row.id}/cancel`), {
    said: t('do.visit_cancelled', { title: about(row) }),
    touches: ['visits'],
    undo: () => change('visits', row.id, { status: 'planned', cancelled_on: null }),
  });

/** A call made: it counts as a contact with the customer. @param {Row} row @param {string} notes @param {boolean} answered */
export const logCall = (row, notes, answered) =>
  perform(
    () =>
      post('/interactions', {
        customer_id: row.customer_id,
        kind: 'call',
        answered,
        ...(notes ? { notes } : {}),
      }),
    {
      said: t('do.call_logged', { title: about(row) }),
      touches: ['interactions'],
      undo: (answer) => erase('interactions', answer.data.id),
    },
  );

/** @param {Row} row @param {string} on @param {string | null} time @param {string} purpose */
export const planVisit = (row, on, time, purpose) =>
  perform(
    () =>
      post('/visits', {
        customer_id: row.customer_id,
        planned_on: on,
        ...(time ? { planned_time: time } : {}),
        ...(purpose ? { purpose } : {}),
      }),
    {
      said: t('do.visit_planned', { title: about(row) }),
      touches: ['visits'],
      undo: (answer) => erase('visits', answer.data.id),
    },
  );

/** @param {Row} row @param {string} on @param {string} title */
export const planTask = (row, on, title) =>
  perform(
    () =>
      post('/tasks', {
        title,
        due_on: on,
        ...(row.customer_id ? { customer_id: row.customer_id } : {}),
        ...(row.resource === 'opportunities' ? { opportunity_id: row.id } : {}),
      }),
    {
      said: t('do.task_planned', { title }),
      touches: ['tasks'],
      undo: (answer) => erase('tasks', answer.data.id),
    },
  );

/** A new expected signature. @param {Row} row @param {string} on */
export async function moveSignature(row, on) {
  const { data } = await get(`/opportunities/${row.id}`);
  return perform(() => change('opportunities', row.id, { expected_signature_on: on }), {
    said: t('do.signature_moved', { title: about(row) }),
    touches: ['opportunities'],
    undo: () => change('opportunities', row.id, { expected_signature_on: data.expected_signature_on }),
  });
}

/** The next action of a plan is done. @param {string} plan @param {{action_id: string, title: string}} step */
export const doneStep = (plan, step) =>
  perform(() => post(`/action-plans/${plan}/actions/${step.action_id}/done`), {
    said: t('do.step_done', { title: step.title }),
    touches: ['action-plans'],
    undo: () => post(`/action-plans/${plan}/actions/${step.action_id}/reopen`),
  });

/** The card is right as it is. @param {Row} row */
export async function verify(row) {
  const { data } = await get(`/${row.resource}/${row.id}`);
  const { today } = await import('../i18n/format.js');
  return perform(() => change(row.resource, row.id, { verified_on: today() }), {
    said: t('do.verified', { title: row.title ?? about(row) }),
    touches: [row.resource],
    undo: () => change(row.resource, row.id, { verified_on: data.verified_on }),
  });
}

/** @param {Row} row @returns {string} its page */
export const rowPath = (row) =>
  row.resource === 'users' ? to(`day?rep=${row.id}`) : recordPath(row.resource, row.id);

/** The first thing to do with a row. @param {Row} row @param {string | null | undefined} code as the API says it @returns {Action} */
export function actionOf(row, code) {
  switch (code) {
    case 'follow_up':
      return { label: t('do.follow_up'), run: () => followUp(row) };
    case 'report':
      return { label: t('do.report'), href: to(`report?visit=${row.id}`) };
    case 'reschedule':
      return { label: t('do.reschedule'), ask: 'reschedule' };
    case 'call':
      return { label: t('do.call'), ask: 'call' };
    case 'done':
      return { label: t('do.done'), run: () => done(row) };
    case 'plan_call':
      return { label: t('do.plan_call'), ask: 'task' };
    case 'plan_visit':
      return { label: t('do.plan_visit'), ask: 'visit' };
    case 'update_signature':
      return { label: t('do.update_signature'), ask: 'signature' };
    case 'verify':
      return { label: t('do.verify'), run: () => verify(row) };
    case 'complete':
      return { label: t('do.complete'), href: rowPath(row) };
    case 'chase_delivery':
      return { label: t('do.chase_delivery'), ask: 'call' };
    case 'prepare_review':
      return { label: t('do.prepare_review'), href: rowPath(row) };
    default:
      return { label: t('do.open'), href: rowPath(row) };
  }
}
