import { API, query } from '../api/client.js';
import { useScope } from '../app/scope.js';
import { language, t } from '../i18n/index.js';
import { Button } from '../ui/Button.jsx';
import { Dialog } from '../ui/Dialog.jsx';
import { toast } from '../ui/Toast.jsx';
import { said } from './figures.js';

/**
 * Each tile as a file: its figures as CSV or XLSX by the API, its picture as PNG.
 * @param {{board: import('./types.js').Board, tiles: string[], onClose: () => void}} props
 */
export default function Exports({ board, tiles, onClose }) {
  const scope = useScope();
  const file = (/** @type {string} */ name, /** @type {string} */ format) => {
    const dialect = format === 'csv' && language.value === 'fr' ? 'excel-fr' : undefined;
    const answer = board.kpis[name];
    const interval = answer.series.length ? { interval: intervalOf(answer) } : {};
    return `${API}/kpi/${name}${query({ ...scope.values, ...interval, format, dialect })}`;
  };
  const picture = async (/** @type {string} */ name) => {
    const tile = document.getElementById(`tile-${name}`);
    if (!tile) return;
    try {
      const { download, toPng } = await import('../charts/png.js');
      download(await toPng(tile), `${name}.png`);
    } catch (error) {
      console.error(error);
      toast(t('dash.export_failed'), { tone: 'bad' });
    }
  };
  return (
    <Dialog open onClose={onClose} title={t('ui.export')} sub={t('dash.export_help')}>
      <ul class="export-list">
        {tiles
          .filter((name) => board.kpis[name])
          .map((name) => {
            const label = said(board.kpis[name].label);
            return (
              <li key={name}>
                <span>{label}</span>
                {['csv', 'xlsx'].map((format) => (
                  <Button
                    key={format}
                    size="small"
                    href={file(name, format)}
                    download
                    aria-label={`${label}, ${format.toUpperCase()}`}
                  >
                    {format.toUpperCase()}
                  </Button>
                ))}
                <Button
                  size="small"
                  onClick={() => picture(name)}
                  aria-label={`${label}, PNG`}
                  disabled={!document.getElementById(`tile-${name}`)}
                >
                  PNG
                </Button>
              </li>
            );
          })}
      </ul>
    </Dialog>
  );
}

/** @param {import('./types.js').KpiAnswer} answer @returns {string} the interval its series was asked with */
function intervalOf(answer) {
  const kinds = answer.series.map((point) => point.period.kind);
  return kinds.find((kind) => kind !== 'custom') ?? 'day';
}
