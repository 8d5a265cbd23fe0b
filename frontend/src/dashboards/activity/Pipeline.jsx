import { useState } from 'preact/hooks';
import { usePanel } from '../../app/paths.js';
import { ChartFrame } from '../../charts/ChartFrame.jsx';
import { StageBars } from '../../charts/StageBars.jsx';
import { day, money, moneyExact, percent, thousandsUnit } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Segmented } from '../../ui/Choices.jsx';
import { EmptyState } from '../../ui/States.jsx';
import { drillKey } from '../drill.js';

/** Open deals by stage, gross and weighted, and what moved since. @param {{board: import('../types.js').Board}} props */
export function Pipeline({ board }) {
  const { href } = usePanel();
  const [view, setView] = useState('stages');
  const answer = board.kpis.weighted_pipeline;
  const stages = board.kpis.weighted_pipeline_by_stage.groups.map((group) => ({
    key: group.key ?? '',
    label: group.label ?? t('dash.unassigned'),
    count: Number(group.components.count ?? 0),
    gross: group.components.unweighted ?? 0,
    weighted: group.value ?? 0,
    href: href(drillKey('weighted_pipeline', { stage: group.key })),
  }));
  const exact = (/** @type {any} */ value) => moneyExact(value);
  const table = {
    columns: [
      { key: 'label', label: t('chart.stage') },
      { key: 'count', label: t('chart.count'), numeric: true },
      { key: 'gross', label: t('chart.gross'), numeric: true, format: exact },
      { key: 'weighted', label: t('chart.weighted'), numeric: true, format: exact },
    ],
    rows: stages,
  };
  return (
    <ChartFrame
      title={t(view === 'stages' ? 'activity.by_stage' : 'activity.movement')}
      sub={
        view === 'stages' ? t('activity.gross_weighted', { unit: thousandsUnit(board.currency) }) : undefined
      }
      table={table}
      class="pipeline"
      actions={
        <Segmented
          label={t('activity.pipeline_view')}
          items={[
            { value: 'stages', label: t('activity.stages') },
            { value: 'movement', label: t('activity.moved') },
          ]}
          value={view}
          onChange={setView}
        />
      }
    >
      {stages.length === 0 ? (
        <EmptyState title={t('activity.no_pipeline')}>{t('activity.no_pipeline_help')}</EmptyState>
      ) : view === 'stages' ? (
        <>
          <StageBars stages={stages} legend={false} />
          <Notes board={board} answer={answer} />
        </>
      ) : (
        <Movement movement={board.lists.movement} />
      )}
    </ChartFrame>
  );
}

/** What stands beside the pipeline: coverage, wins, dates gone by. @param {{board: import('../types.js').Board, answer: import('../types.js').KpiAnswer}} props */
function Notes({ board, answer }) {
  const { href } = usePanel();
  const won = board.kpis.win_rate;
  const { slipped, coverage } = answer.components;
  return (
    <p class="panel-notes">
      {coverage === null || coverage === undefined ? null : (
        <span class={Number(coverage) < 0.8 ? 'bad' : ''}>
          {t('activity.coverage', { share: percent(coverage) })}
        </span>
      )}
      {won.value === null ? null : (
        <a class="link" href={href(drillKey('win_rate'))}>
          {t('activity.win_rate', { share: percent(won.value) })}
        </a>
      )}
      {Number(slipped) ? (
        <span class="bad">
          {t('activity.slipped', { n: Number(slipped), amount: money(answer.components.slipped_amount) })}
        </span>
      ) : null}
    </p>
  );
}

/**
 * From the pipeline of a day to today's, step by step; the bars are each step beside the biggest.
 * @param {{movement: {since: string, start: string, end: string, steps: {step: string, amount: string}[]}}} props
 */
function Movement({ movement }) {
  const moved = movement.steps.filter((one) => Number(one.amount) !== 0);
  const most = Math.max(1, ...moved.map((one) => Math.abs(Number(one.amount))));
  return (
    <table class="movement">
      <caption class="vh">{t('activity.movement')}</caption>
      <tbody>
        <tr class="edge">
          <th scope="row">{t('activity.start', { date: day(movement.since) })}</th>
          <td />
          <td class="num" title={moneyExact(movement.start)}>
            {money(movement.start)}
          </td>
        </tr>
        {moved.map(({ step, amount }) => (
          <tr key={step}>
            <th scope="row">{t(`activity.step.${step}`)}</th>
            <td>
              <svg
                class="chart step"
                width="100%"
                height="10"
                preserveAspectRatio="none"
                viewBox="0 0 100 10"
                aria-hidden="true"
              >
                <path d="M50 0V10" class="s-line-2" stroke-width="0.6" />
                <rect
                  x={Number(amount) < 0 ? 50 - (Math.abs(Number(amount)) / most) * 50 : 50}
                  width={(Math.abs(Number(amount)) / most) * 50}
                  y="1"
                  height="8"
                  class={Number(amount) < 0 ? 'f-bad' : 'f-mark-2'}
                />
              </svg>
            </td>
            <td class="num" title={moneyExact(amount)}>
              {money(amount, undefined, { sign: true })}
            </td>
          </tr>
        ))}
        <tr class="edge">
          <th scope="row">{t('activity.end')}</th>
          <td />
          <td class="num" title={moneyExact(movement.end)}>
            <b>{money(movement.end)}</b>
          </td>
        </tr>
      </tbody>
    </table>
  );
}
