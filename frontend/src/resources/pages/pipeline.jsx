import { useState } from 'preact/hooks';
import { get, post, query } from '../../api/client.js';
import { useQuery } from '../../api/query.js';
import { Lazily, withTexts } from '../../app/Lazily.jsx';
import { recordPath } from '../../app/paths.js';
import { ScopeBar } from '../../app/ScopeBar.jsx';
import { useScope } from '../../app/scope.js';
import { user } from '../../app/session.js';
import { perform } from '../../dashboards/actions.js';
import { day, money, moneyExact, number, percent } from '../../i18n/format.js';
import { loadArea, t } from '../../i18n/index.js';
import { Button, IconButton } from '../../ui/Button.jsx';
import { Menu } from '../../ui/Menu.jsx';
import { EmptyState, ErrorState, errorText, Skeleton } from '../../ui/States.jsx';
import { Tag } from '../../ui/Text.jsx';
import { toast } from '../../ui/Toast.jsx';

await Promise.all([loadArea('do'), loadArea('records'), loadArea('resources'), loadArea('pipeline')]);

const loadDialog = () =>
  withTexts(import('../engine/VerbDialog.jsx'), 'records').then(({ VerbDialog }) => ({
    default: VerbDialog,
  }));

/** How many deals of a stage are shown, the biggest first. */
const SHOWN = 50;

/**
 * The board of open deals, stage by stage: dragged, or moved by each card's menu. What each stage counts and weighs is
 * the server's, so that it equals the pipeline of the first screen.
 */
export default function Pipeline() {
  const scope = useScope();
  const [closing, setClosing] = useState(/** @type {{record: any, verb: string} | null} */ (null));
  if (user.value?.role === 'marketing')
    return (
      <EmptyState page icon="gauge" title={t('pipeline.not_yours')}>
        {t('pipeline.not_yours_help')}
      </EmptyState>
    );
  const { business_unit, team, rep, as_of } = scope.values;
  const asked = { business_unit, team, rep, as_of };
  return (
    <div class="page pipeline-page">
      <ScopeBar
        periods={false}
        compare={false}
        actions={
          <Button variant="primary" icon="plus" href={`${recordPath('opportunities', 'new')}`}>
            {t('rec.new.opportunities')}
          </Button>
        }
      />
      <Board asked={asked} past={!!as_of} onClose={(record, verb) => setClosing({ record, verb })} />
      {closing ? (
        <Lazily
          load={loadDialog}
          resource="opportunities"
          record={closing.record}
          verb={closing.verb}
          onClose={() => setClosing(null)}
          onDone={() => {
            setClosing(null);
            toast(t(`pipeline.${closing.verb}_done`, { title: closing.record.name }));
          }}
        />
      ) : null}
    </div>
  );
}

/** @typedef {{id: string, name: string, probability: string}} Stage */

/**
 * @param {{asked: Record<string, string[] | undefined>, past: boolean, onClose: (record: any, verb: string) => void}} props
 *   `past`: the board of another day is read only
 */
function Board({ asked, past, onClose }) {
  const stages = useQuery(`/stages${query({ sort: 'position', limit: 100 })}`);
  const whole = useQuery(`/kpi/weighted_pipeline${query({ ...asked, group_by: 'stage' })}`);
  const [over, setOver] = useState(/** @type {string | null} */ (null));
  const error = stages.error ?? whole.error;
  if (error && !(stages.data && whole.data))
    return <ErrorState error={error} onRetry={stages.error ? stages.refresh : whole.refresh} />;
  if (!stages.data || !whole.data) return <Skeleton height="520px" />;
  const groups = new Map(whole.data.groups.map((/** @type {any} */ group) => [group.key, group]));
  /** @type {Stage[]} */
  const list = stages.data.items;
  // A deal may have come from elsewhere without a stage: it counts, so it has its place.
  const unstaged = groups.has(null) ? [{ id: '', name: t('pipeline.no_stage'), probability: '' }] : [];
  const move =
    (/** @type {string} */ id, /** @type {string} */ title, /** @type {string | null} */ from) =>
    (/** @type {Stage} */ to) =>
      from === to.id
        ? undefined
        : perform(() => post(`/opportunities/${id}/stage`, { stage_id: to.id }), {
            said: t('pipeline.moved', { title, stage: to.name }),
            touches: ['opportunities'],
            undo: from ? () => post(`/opportunities/${id}/stage`, { stage_id: from }) : undefined,
          });
  return (
    <>
      <h1 class="board-title">
        {t('pipeline.sentence', {
          n: Number(whole.data.components.count),
          amount: money(whole.data.value),
          gross: money(whole.data.components.unweighted),
        })}
      </h1>
      <div class="board">
        {[...unstaged, ...list].map((stage) => (
          <section
            key={stage.id}
            class={`panel column ${over === stage.id ? 'over' : ''}`}
            aria-label={stage.name}
            onDragOver={(event) => {
              if (past || !stage.id) return;
              event.preventDefault();
              setOver(stage.id);
            }}
            onDragLeave={(event) =>
              !event.currentTarget.contains(/** @type {Node} */ (event.relatedTarget)) && setOver(null)
            }
            onDrop={(event) => {
              event.preventDefault();
              setOver(null);
              const held = JSON.parse(event.dataTransfer?.getData('text/plain') || 'null');
              if (held?.id && stage.id) move(held.id, held.title, held.stage)(stage);
            }}
          >
            <Column
              stage={stage}
              group={groups.get(stage.id || null)}
              asked={asked}
              card={(deal) => (
                <Card
                  key={deal.id}
                  deal={deal}
                  stage={stage}
                  stages={list}
                  fixed={past}
                  move={move(deal.id, deal.title ?? '', stage.id || null)}
                  onClose={onClose}
                />
              )}
            />
          </section>
        ))}
      </div>
    </>
  );
}

/** @param {{stage: Stage, group: any, asked: Record<string, string[] | undefined>, card: (deal: any) => import('preact').ComponentChildren}} props */
function Column({ stage, group, asked, card }) {
  const count = Number(group?.components.count ?? 0);
  const deals = useQuery(
    count
      ? `/kpi/weighted_pipeline/records${query({ ...asked, stage: stage.id || 'unassigned', limit: SHOWN })}`
      : null,
  );
  return (
    <>
      <header>
        <h2>{stage.name}</h2>
        {stage.probability ? <small>{percent(stage.probability, { digits: 0 })}</small> : null}
        <b class="push" title={moneyExact(group?.value ?? '0')}>
          {money(group?.value ?? '0')}
        </b>
        <small class="column-count">
          {t('pipeline.deals', { n: count })}
          {count ? `, ${t('pipeline.gross', { amount: money(group.components.unweighted) })}` : ''}
        </small>
      </header>
      <ul class="cards">
        {!count ? <li class="none">{t('pipeline.none')}</li> : null}
        {deals.error && !deals.data ? (
          <li>
            <ErrorState error={deals.error} onRetry={deals.refresh} />
          </li>
        ) : null}
        {count && !deals.data && !deals.error ? <Skeleton lines={4} /> : null}
        {count ? deals.data?.items.map(card) : null}
        {count > SHOWN ? <li class="none">{t('pipeline.more', { n: count - SHOWN })}</li> : null}
      </ul>
    </>
  );
}

/**
 * @param {{deal: any, stage: Stage, stages: Stage[], fixed: boolean, move: (to: Stage) => void, onClose: (record: any, verb: string) => void}} props
 */
function Card({ deal, stage, stages, fixed, move, onClose }) {
  const { details } = deal;
  const close = async (/** @type {string} */ verb) => {
    try {
      onClose((await get(`/opportunities/${deal.id}`)).data, verb);
    } catch (error) {
      toast(errorText(error), { tone: 'bad' });
    }
  };
  const held = JSON.stringify({ id: deal.id, title: deal.title, stage: stage.id });
  return (
    <li
      class="deal"
      draggable={!fixed}
      onDragStart={(event) => event.dataTransfer?.setData('text/plain', held)}
    >
      <a class="deal-name" href={recordPath('opportunities', deal.id)} draggable={false}>
        {deal.title}
      </a>
      {fixed ? null : (
        <Menu
          align="end"
          label={t('pipeline.actions', { title: deal.title })}
          trigger={(attributes) => (
            <IconButton
              icon="dots"
              size="small"
              label={t('pipeline.actions', { title: deal.title })}
              {...attributes}
            />
          )}
          items={[
            { key: 'to', heading: t('pipeline.move_to') },
            ...stages.map((one) => ({
              key: one.id,
              label: one.name,
              checked: one.id === stage.id,
              onSelect: () => move(one),
            })),
            { key: 'd', divider: /** @type {const} */ (true) },
            { key: 'win', label: t('pipeline.win'), icon: 'check', onSelect: () => close('win') },
            {
              key: 'lose',
              label: t('pipeline.lose'),
              icon: 'close',
              danger: true,
              onSelect: () => close('lose'),
            },
          ]}
        />
      )}
      <small class="deal-who">{[deal.customer, deal.owner].filter(Boolean).join(', ')}</small>
      <span class="deal-foot">
        <b title={moneyExact(details.amount)}>{money(details.amount)}</b>
        <small>
          {percent(details.probability, { digits: 0 })}
          {details.manual_probability ? `, ${t('pipeline.by_hand')}` : ''}
        </small>
        {details.slipped ? (
          <Tag tone="bad">{t('pipeline.slipped', { on: day(deal.on) })}</Tag>
        ) : deal.on ? (
          <small class="push">{day(deal.on)}</small>
        ) : (
          <small class="push">{t('pipeline.no_date')}</small>
        )}
        {details.filled < details.fields ? (
          <small class="deal-missing">
            {t('pipeline.filled', { n: number(details.filled), of: number(details.fields) })}
          </small>
        ) : null}
      </span>
    </li>
  );
}
