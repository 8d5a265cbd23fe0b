import { useState } from 'preact/hooks';
import { post } from '../api/client.js';
import { useQuery } from '../api/query.js';
import { addDays } from '../app/periods.js';
import { day, today } from '../i18n/format.js';
import { t } from '../i18n/index.js';
import { Button } from '../ui/Button.jsx';
import { Chips } from '../ui/Choices.jsx';
import { Dialog } from '../ui/Dialog.jsx';
import { Checkbox, TextArea, TextField } from '../ui/Field.jsx';
import {
  about,
  change,
  followUp,
  logCall,
  moveSignature,
  perform,
  planTask,
  planVisit,
  reschedule,
} from './actions.js';

/**
 * What an action needs to know before it is done: a day, a reason, a word.
 * @param {{kind: string, row: import('./types.js').Row, onClose: (done: boolean) => void}} props
 */
export default function ActionDialog({ kind, row, onClose }) {
  const Asked = DIALOGS[kind];
  return <Asked row={row} onClose={onClose} />;
}

/** @typedef {{row: import('./types.js').Row, onClose: (done: boolean) => void}} Props */
/** @typedef {Props & {title: string, submit: string, act: () => Promise<boolean>, disabled?: boolean, children: import('preact').ComponentChildren}} AskProps */

/** @param {AskProps} props */
function Ask({ row, onClose, title, submit, act, disabled, children }) {
  const [busy, setBusy] = useState(false);
  const go = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy || disabled) return;
    setBusy(true);
    const ok = await act();
    setBusy(false);
    if (ok) onClose(true);
  };
  return (
    <Dialog
      open
      onClose={() => onClose(false)}
      title={title}
      sub={[row.customer, row.title !== row.customer ? row.title : null].filter(Boolean).join(', ')}
      footer={
        <>
          <Button variant="quiet" onClick={() => onClose(false)}>
            {t('ui.cancel')}
          </Button>
          <Button variant="primary" busy={busy} disabled={disabled} onClick={go}>
            {submit}
          </Button>
        </>
      }
    >
      <form class="stack" onSubmit={go}>
        {children}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

/** A few likely days, and any other. @param {{label: string, value: string, onChange: (value: string) => void}} props */
function DayField({ label, value, onChange }) {
  const now = today();
  const weekday = new Date(`${now}T00:00:00Z`).getUTCDay();
  const tomorrow = addDays(now, weekday === 5 ? 3 : weekday === 6 ? 2 : 1);
  const monday = addDays(
    now,
    ((8 - weekday) % 7 || 7) + (weekday === 5 || weekday >= 6 || weekday === 0 ? 7 : 0),
  );
  const likely = [...new Set([now, tomorrow, monday, addDays(now, 14)])];
  return (
    <div class="stack tight">
      <TextField label={label} type="date" value={value} min={now} required onInput={onChange} />
      <Chips
        label={t('do.likely_days')}
        value={value}
        onChange={onChange}
        items={likely.map((on) => ({ value: on, label: on === now ? t('do.today') : day(on) }))}
      />
    </div>
  );
}

/** @param {number} n working days from now @returns {string} */
function soon(n) {
  let on = today();
  for (let left = n; left > 0; ) {
    on = addDays(on, 1);
    if (![0, 6].includes(new Date(`${on}T00:00:00Z`).getUTCDay())) left -= 1;
  }
  return on;
}

/** @type {Record<string, (props: Props) => import('preact').ComponentChild>} */
const DIALOGS = {
  reschedule: Reschedule,
  call: Call,
  visit: PlanVisit,
  task: PlanTask,
  new_task: NewTask,
  signature: Signature,
  follow_up: FollowUp,
  accept: Accept,
  refuse: Refuse,
};

/** @param {Props} props */
function Reschedule({ row, onClose }) {
  const [on, setOn] = useState(soon(1));
  const [reason, setReason] = useState('');
  return (
    <Ask
      row={row}
      onClose={onClose}
      title={t(row.resource === 'tasks' ? 'do.later' : 'do.reschedule')}
      submit={t('ui.save')}
      act={() => reschedule(row, on, reason || null)}
      disabled={!on}
    >
      <DayField label={t('do.new_day')} value={on} onChange={setOn} />
      {row.resource === 'visits' ? (
        <TextField label={t('do.late_reason')} optional value={reason} onInput={setReason} />
      ) : null}
    </Ask>
  );
}

/** @param {Props} props */
function Call({ row, onClose }) {
  const [notes, setNotes] = useState('');
  const [answered, setAnswered] = useState(true);
  const { data: customer } = useQuery(row.customer_id ? `/customers/${row.customer_id}` : null);
  const { data: people } = useQuery(
    row.customer_id ? `/contacts?customer_id=${row.customer_id}&limit=5&sort=last_name` : null,
  );
  const numbers = [
    ...(customer?.phone ? [{ who: customer.name, number: customer.phone }] : []),
    ...(people?.items ?? [])
      .filter((/** @type {any} */ one) => one.phone || one.mobile)
      .map((/** @type {any} */ one) => ({
        who: [one.first_name, one.last_name].filter(Boolean).join(' '),
        number: one.mobile ?? one.phone,
      })),
  ];
  return (
    <Ask
      row={row}
      onClose={onClose}
      title={t('do.call')}
      submit={t('do.log_call')}
      act={() => logCall(row, notes, answered)}
    >
      {numbers.length ? (
        <ul class="phones">
          {numbers.map(({ who, number }) => (
            <li key={`${who}${number}`}>
              <span>{who}</span>
              <a class="link" href={`tel:${number.replace(/[^\d+]/g, '')}`}>
                {number}
              </a>
            </li>
          ))}
        </ul>
      ) : customer ? (
        <p class="quiet">{t('do.no_phone')}</p>
      ) : null}
      <Checkbox label={t('do.answered')} checked={answered} onChange={setAnswered} />
      <TextArea label={t('do.notes')} optional value={notes} onInput={setNotes} />
    </Ask>
  );
}

/** @param {Props} props */
function PlanVisit({ row, onClose }) {
  const [on, setOn] = useState(soon(2));
  const [time, setTime] = useState('');
  const [purpose, setPurpose] = useState('');
  return (
    <Ask
      row={row}
      onClose={onClose}
      title={t('do.plan_visit')}
      submit={t('do.plan')}
      act={() => planVisit(row, on, time || null, purpose)}
      disabled={!on}
    >
      <DayField label={t('do.day')} value={on} onChange={setOn} />
      <TextField label={t('do.time')} type="time" optional value={time} onInput={setTime} />
      <TextField label={t('do.purpose')} optional value={purpose} onInput={setPurpose} />
    </Ask>
  );
}

/** @param {Props} props */
function PlanTask({ row, onClose }) {
  const [on, setOn] = useState(soon(1));
  const [title, setTitle] = useState(t('do.call_whom', { name: about(row) }));
  return (
    <Ask
      row={row}
      onClose={onClose}
      title={t('do.plan_call')}
      submit={t('do.plan')}
      act={() => planTask(row, on, title)}
      disabled={!on || !title}
    >
      <TextField label={t('do.task')} required value={title} onInput={setTitle} />
      <DayField label={t('do.day')} value={on} onChange={setOn} />
    </Ask>
  );
}

/** @param {Props} props */
function NewTask({ row, onClose }) {
  const [on, setOn] = useState(today());
  const [title, setTitle] = useState('');
  return (
    <Ask
      row={row}
      onClose={onClose}
      title={t('do.new_task')}
      submit={t('ui.save')}
      act={() => planTask(row, on, title.trim())}
      disabled={!on || !title.trim()}
    >
      <TextField label={t('do.task')} required value={title} onInput={setTitle} />
      <DayField label={t('do.day')} value={on} onChange={setOn} />
    </Ask>
  );
}

/** @param {Props} props */
function Signature({ row, onClose }) {
  const [on, setOn] = useState('');
  return (
    <Ask
      row={row}
      onClose={onClose}
      title={t('do.update_signature')}
      submit={t('ui.save')}
      act={() => moveSignature(row, on)}
      disabled={!on}
    >
      <DayField label={t('do.expected_signature')} value={on} onChange={setOn} />
    </Ask>
  );
}

/** @param {Props} props */
function FollowUp({ row, onClose }) {
  const [notes, setNotes] = useState('');
  const [next, setNext] = useState(soon(5));
  return (
    <Ask
      row={row}
      onClose={onClose}
      title={t('do.follow_up_note')}
      submit={t('do.follow_up')}
      act={() => followUp(row, { ...(notes ? { notes } : {}), ...(next ? { next_follow_up_on: next } : {}) })}
    >
      <TextArea label={t('do.notes')} optional value={notes} onInput={setNotes} />
      <DayField label={t('do.next_follow_up')} value={next} onChange={setNext} />
    </Ask>
  );
}

/** @param {Props} props */
function Accept({ row, onClose }) {
  const [promised, setPromised] = useState('');
  return (
    <Ask
      row={row}
      onClose={onClose}
      title={t('do.accept')}
      submit={t('do.make_order')}
      act={() =>
        perform(() => post(`/quotes/${row.id}/accept`, promised ? { promised_on: promised } : {}), {
          said: t('do.order_made', { title: about(row) }),
          touches: ['quotes', 'orders', 'opportunities'],
        })
      }
    >
      <p>{t('do.accept_help')}</p>
      <TextField
        label={t('do.promised_on')}
        type="date"
        optional
        value={promised}
        min={today()}
        onInput={setPromised}
      />
    </Ask>
  );
}

/** @param {Props} props */
function Refuse({ row, onClose }) {
  const [reason, setReason] = useState('');
  return (
    <Ask
      row={row}
      onClose={onClose}
      title={t('do.refuse')}
      submit={t('ui.save')}
      act={() =>
        perform(() => post(`/quotes/${row.id}/refuse`, reason ? { refused_reason: reason } : {}), {
          said: t('do.refused', { title: about(row) }),
          touches: ['quotes'],
          undo: () => change('quotes', row.id, { status: 'sent', decided_on: null, refused_reason: null }),
        })
      }
    >
      <TextField label={t('do.refused_reason')} optional value={reason} onInput={setReason} />
    </Ask>
  );
}
