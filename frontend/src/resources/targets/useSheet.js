import { useEffect, useRef, useState } from 'preact/hooks';
import { post, query } from '../../api/client.js';
import { touched, useQuery } from '../../api/query.js';
import { t } from '../../i18n/index.js';
import { errorText } from '../../ui/States.jsx';
import { toast } from '../../ui/Toast.jsx';
import { cellsOf, change, clear, draftOf, placeOf, standingOf, unsaved } from './draft.js';

const PAUSE = 250;

/**
 * A sheet of targets: what is saved, what is changed, and the sums as the API adds them up with the changes.
 * @param {{kpi: string, year: number, level: string}} asked
 */
export function useSheet({ kpi, year, level }) {
  const name = `${kpi}|${year}`;
  const saved = useQuery(`/targets/grid${query({ kpi, year, level })}`);
  const draft = draftOf(name);
  const changes = Object.keys(draft).length;
  const [seen, setSeen] = useState(
    /** @type {{of: string, grid: import('./draft.js').Grid} | null} */ (null),
  );
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const asking = useRef(0);
  const of = `${name}|${level}`;

  const preview = (/** @type {any} */ more) =>
    post('/targets/grid/preview', { kpi, year, level, cells: plain(draftOf(name)), ...more }).then(
      ({ data }) => /** @type {import('./draft.js').Grid} */ (data),
    );

  useEffect(() => {
    asking.current += 1;
    const mine = asking.current;
    if (!changes) return setSeen(null);
    const wait = setTimeout(
      () =>
        preview({}).then(
          (grid) => {
            if (asking.current !== mine) return;
            setSeen({ of, grid });
            setError(null);
          },
          (problem) => asking.current === mine && setError(problem),
        ),
      PAUSE,
    );
    return () => clearTimeout(wait);
  }, [draft, of, saved.data]);

  // A page left by its address bar loses what is not saved: the browser asks.
  useEffect(() => {
    const ask = (/** @type {BeforeUnloadEvent} */ event) => unsaved() && event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, []);

  const put = (/** @type {Record<string, string | null>} */ values) =>
    change(name, values, saved.data ? standingOf(saved.data) : new Map());

  /** Years shared out over their months by the API. @param {Record<string, string | null>} years by key of the year's cell @param {string} by */
  const spread = async (years, by) => {
    setBusy(true);
    try {
      const rows = Object.entries(years).map(([key, value]) => {
        const { scope_kind, scope_id } = placeOf(key);
        return { scope_kind, scope_id, value };
      });
      const grid = await preview({ spread: rows, by });
      put(
        Object.fromEntries(
          grid.filled.map((cell) => [`${cell.scope_kind}|${cell.scope_id ?? ''}|${cell.period}`, cell.value]),
        ),
      );
      setError(null);
    } catch (problem) {
      toast(errorText(problem), { tone: 'bad' });
    } finally {
      setBusy(false);
    }
  };

  const send = (/** @type {any[]} */ cells) => post('/targets/grid', { kpi, year, cells });

  const save = async () => {
    setBusy(true);
    try {
      const { data } = await send(cellsOf(draft));
      clear(name);
      touched('targets');
      toast(t('targets.saved', { n: data.changed }), {
        undo: () =>
          send(data.previous).then(
            () => {
              touched('targets');
              toast(t('targets.undone'));
            },
            (problem) => toast(said(problem), { tone: 'bad' }),
          ),
      });
    } catch (problem) {
      setError(problem);
      toast(said(problem), { tone: 'bad' });
      if (/** @type {any} */ (problem).status === 409) saved.refresh();
    } finally {
      setBusy(false);
    }
  };

  const grid = seen?.of === of ? seen.grid : /** @type {import('./draft.js').Grid | null} */ (saved.data);
  return { ...saved, name, grid, draft, changes, busy, error, problem: saved.error, put, spread, save };
}

/** @param {any} problem */
const said = (problem) => (problem.status === 409 ? t('targets.conflict') : errorText(problem));

/** @param {import('./draft.js').Draft} draft */
const plain = (draft) => cellsOf(draft).map(({ was, ...cell }) => cell);
