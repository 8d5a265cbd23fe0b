import { usePanel } from '../../app/paths.js';
import { number, percent } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState } from '../../ui/States.jsx';
import { drillKey } from '../drill.js';
import { coded } from '../figures.js';

/** From which share a field is no longer a worry, and under which it is one. */
const WELL = 0.9;
const POOR = 0.7;

/** Which fields are filled, team by team; the figure says it, the ground only points. @param {{board: import('../types.js').Board}} props */
export function Matrix({ board }) {
  const { href } = usePanel();
  const { fields, rows } = board.lists.matrix;
  return (
    <Panel title={t('data.matrix')} sub={t('data.matrix_sub')} flush class="matrix">
      {rows.length ? (
        <div class="table-box table">
          <table class="table">
            <caption class="vh">{t('data.matrix')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('scope.team')}</th>
                {fields.map((/** @type {string} */ field) => (
                  <th scope="col" class="num" key={field}>
                    {coded('dash.field', field)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((/** @type {any} */ row) => (
                <tr key={row.team_id}>
                  <th scope="row">
                    <a
                      class="link-plain"
                      href={href(drillKey('contact_completeness', { team: row.team_id }))}
                    >
                      {row.team ?? t('dash.unassigned')}
                    </a>
                  </th>
                  {fields.map((/** @type {string} */ field) => {
                    const { share, filled, possible } = row.fields[field];
                    const tone =
                      share === null
                        ? ''
                        : Number(share) < POOR
                          ? 'poor'
                          : Number(share) < WELL
                            ? 'fair'
                            : '';
                    return (
                      <td key={field} class={`num ${tone}`} title={`${number(filled)} / ${number(possible)}`}>
                        {percent(share, { digits: 0 })}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <EmptyState title={t('data.no_contact')}>{t('data.no_contact_help')}</EmptyState>
      )}
    </Panel>
  );
}
