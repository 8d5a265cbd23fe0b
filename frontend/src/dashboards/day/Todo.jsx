import { useEffect, useState } from 'preact/hooks';
import { user } from '../../app/session.js';
import { ago, date, day, money, moneyExact } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Chips } from '../../ui/Choices.jsx';
import { Icon } from '../../ui/Icon.jsx';
import { Popover } from '../../ui/Menu.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState } from '../../ui/States.jsx';
import { rowPath, undone } from '../actions.js';
import { said } from '../figures.js';
import { RowAction } from '../RowAction.jsx';

const KINDS = /** @type {const} */ (['visit', 'quote', 'delivery', 'invoice', 'task']);
const FIRST = 14;

/** Everything to do, by what is at stake and how urgent; each done where it stands. @param {{board: import('../types.js').Board}} props */
export function Todo({ board }) {
  const { todo, todo_counts: counts, formula } = board.lists;
  const [kind, setKind] = useState('');
  const [all, setAll] = useState(false);
  const [gone, setGone] = useState(/** @type {Set<string>} */ (new Set()));
  // What the server answers next is right again.
  useEffect(() => setGone(new Set()), [todo, undone.value]);
  const list = todo.filter((/** @type {any} */ row) => !gone.has(row.id) && (!kind || row.kind === kind));
  const shown = all ? list : list.slice(0, FIRST);
  const total = Object.values(counts).reduce((n, one) => n + Number(one), 0);
  const left = (kind ? (counts[kind] ?? 0) : total) - shown.length;
  const listed = list.length - shown.length;
  return (
    <Panel
      title={t('day.todo')}
      sub={t('day.todo_sub')}
      flush
      class="todo"
      actions={
        <Popover
          label={t('day.formula')}
          align="end"
          class="definition"
          trigger={(attributes) => (
            <button
              type="button"
              class="info"
              aria-label={t('day.formula')}
              title={t('day.formula')}
              {...attributes}
            >
              <Icon name="info" size={15} />
            </button>
          )}
        >
          {() => (
            <>
              <b>{t('day.formula')}</b>
              <p>{said(formula)}</p>
            </>
          )}
        </Popover>
      }
    >
      <div class="todo-filter">
        <Chips
          label={t('day.kinds')}
          value={kind}
          onChange={setKind}
          items={[
            { value: '', label: t('day.all'), count: total },
            ...KINDS.filter((one) => counts[one]).map((one) => ({
              value: one,
              label: t(`day.kinds_${one}`),
              count: counts[one],
            })),
          ]}
        />
      </div>
      {shown.length ? (
        <ol class="todo-list">
          {shown.map((/** @type {any} */ row, /** @type {number} */ i) => (
            <Line
              key={row.id}
              row={row}
              first={i === 0}
              onDone={() => setGone((now) => new Set(now).add(row.id))}
            />
          ))}
        </ol>
      ) : (
        <EmptyState title={t('day.nothing')}>{t('day.nothing_help')}</EmptyState>
      )}
      {listed > 0 ? (
        <p class="todo-more">
          <Button variant="quiet" size="small" onClick={() => setAll(true)}>
            {t('day.others', { n: left })}
          </Button>
        </p>
      ) : left > 0 && all ? (
        <p class="todo-more quiet">{t('day.beyond', { n: left })}</p>
      ) : null}
    </Panel>
  );
}

/** One thing to do, done where it stands. @param {{row: any, first: boolean, onDone: () => void}} props */
export function Line({ row, first, onDone }) {
  const [text, tone] = urgency(row);
  return (
    <li class={`todo-row ${first ? 'first' : ''}`}>
      <span class={`todo-when ${tone}`}>{text}</span>
      <span class="todo-kind">{t(`day.kind_${row.kind}`)}</span>
      <span class="todo-what">
        <a class="row-link clip" href={rowPath(row)}>
          {row.kind === 'task' ? row.title : (row.customer ?? row.title ?? t('dash.untitled'))}
        </a>
        <small class="clip">{context(row)}</small>
      </span>
      <b class="todo-amount num" title={moneyExact(row.stake)}>
        {Number(row.stake) ? money(row.stake) : ''}
      </b>
      <RowAction row={row} code={row.action} primary={first} menu onDone={onDone} />
    </li>
  );
}

/** How soon, in three words at most. @param {any} row @returns {[string, string]} text and tone */
function urgency(row) {
  if (row.expires_in !== null) return [t('dash.expires_in', { n: row.expires_in }), 'bad'];
  if (row.kind === 'delivery') return [t('day.late_delivery'), 'bad'];
  if (row.kind === 'invoice') return [t('dash.overdue_days', { n: row.days_late }), 'bad'];
  if (row.kind === 'quote')
    return row.reason === 'silent'
      ? [t('day.since', { n: row.details.age_days ?? 0 }), 'warn']
      : [t('dash.quote.date_reached'), 'warn'];
  if (row.days_late === null) return [t('day.no_date'), ''];
  if (row.days_late > 0)
    return [
      t('dash.late_days', { n: row.days_late }),
      row.days_late > 7 || row.kind === 'visit' ? 'bad' : 'warn',
    ];
  if (row.days_late === 0) return [t('do.today'), ''];
  return [row.on ? day(row.on) : '', ''];
}

/** What to know before acting. @param {any} row @returns {string} */
function context(row) {
  const d = row.details;
  const parts =
    row.kind === 'quote'
      ? [
          row.title,
          row.on ? t('day.sent', { when: ago(row.on) }) : null,
          d.last_contact_on && d.last_contact_on > row.on
            ? t('day.last_contact', { date: day(d.last_contact_on) })
            : null,
        ]
      : row.kind === 'visit'
        ? [
            row.title,
            row.on ? t('day.planned', { date: day(row.on) }) : null,
            d.rescheduled ? t('dash.rescheduled') : null,
          ]
        : row.kind === 'invoice'
          ? [row.title, row.on ? t('day.issued', { date: date(row.on) }) : null]
          : row.kind === 'delivery'
            ? [row.title, d.late_lines ? t('dash.late_lines', { n: d.late_lines }) : null]
            : [row.customer, row.priority === 'high' ? t('day.high') : null];
  const whose = user.value?.role === 'rep' ? null : row.owner;
  return [...parts, whose].filter(Boolean).join(', ');
}
