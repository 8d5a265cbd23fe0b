import { useEffect, useMemo, useState } from 'preact/hooks';
import { call, query } from '../../api/client.js';
import { touched, useQuery } from '../../api/query.js';
import { recordPath } from '../../app/paths.js';
import { user } from '../../app/session.js';
import { number } from '../../i18n/format.js';
import { loadArea, t } from '../../i18n/index.js';
import css from '../../styles/import.css?inline';
import { adopt } from '../../ui/adopt.js';
import { Button } from '../../ui/Button.jsx';
import { Segmented } from '../../ui/Choices.jsx';
import { DataTable } from '../../ui/DataTable.jsx';
import { Checkbox, Select } from '../../ui/Field.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState, errorText, Notice } from '../../ui/States.jsx';
import { mayCreate } from '../descriptions/index.js';
import { fieldLabel, pluralOf, RESOURCES } from '../engine/schema.js';
import { guessed, headerOf, stated } from '../import/file.js';

adopt(css);

await Promise.all([loadArea('records'), loadArea('resources'), loadArea('import')]);

const TYPES = /** @type {Record<string, string>} */ ({
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  jsonl: 'application/jsonl',
  ndjson: 'application/x-ndjson',
});
const FORMATS = {
  date_format: ['', 'yyyy-mm-dd', 'dd/mm/yyyy', 'mm/dd/yyyy'],
  decimal: ['', 'comma', 'point'],
};

/** A file in four steps: which, what its columns are, what would be refused, then how far it is and what became of it. */
export default function Import() {
  const resources = RESOURCES.filter((one) => mayCreate(one, user.value?.role));
  const [resource, setResource] = useState('customers');
  const [file, setFile] = useState(/** @type {File | null} */ (null));
  const [job, setJob] = useState(/** @type {any} */ (null));
  const restart = () => {
    setFile(null);
    setJob(null);
  };
  if (!resources.length)
    return (
      <EmptyState page icon="table" title={t('import.not_yours')}>
        {t('import.not_yours_help')}
      </EmptyState>
    );
  return (
    <div class="page import-page">
      <header class="page-head">
        <h1>{t('import.title')}</h1>
        <p>{t('import.intro')}</p>
      </header>
      {job && !job.dry_run ? (
        <Outcome job={job} onJob={setJob} onMore={restart} />
      ) : !file ? (
        <Panel title={t('import.which')}>
          <div class="stack">
            <Select
              label={t('import.what')}
              value={resource}
              onChange={setResource}
              options={resources.map((one) => ({ value: one, label: pluralOf(one) }))}
            />
            <Drop onFile={setFile} />
          </div>
        </Panel>
      ) : (
        <Check key={file.name} resource={resource} file={file} onJob={setJob} onBack={restart} />
      )}
    </div>
  );
}

/** @param {{onFile: (file: File) => void}} props */
function Drop({ onFile }) {
  const [over, setOver] = useState(false);
  const take = (/** @type {FileList | null | undefined} */ files) => files?.[0] && onFile(files[0]);
  return (
    <label
      class={`drop ${over ? 'over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <b>{t('import.drop')}</b>
      <small>{t('import.kinds')}</small>
      <input
        type="file"
        accept=".csv,.txt,.xlsx,.jsonl,.ndjson"
        onChange={(event) => take(event.currentTarget.files)}
      />
    </label>
  );
}

/** A workbook is the API's to read; one it cannot read is told by the dry run. @param {File} file @returns {Promise<string[]>} */
async function inWorkbook(file) {
  const body = new Blob([file], { type: TYPES.xlsx });
  const { data } = await call('/imports/header', {
    method: 'POST',
    body,
    headers: { 'Content-Type': TYPES.xlsx },
  });
  return data.header;
}

/**
 * Columns, formats and the dry run.
 * @param {{resource: string, file: File, onJob: (job: any) => void, onBack: () => void}} props
 */
function Check({ resource, file, onJob, onBack }) {
  const known = useQuery(`/imports/columns/${resource}`);
  const [header, setHeader] = useState(/** @type {string[] | null | undefined} */ (undefined));
  const [chosen, setChosen] = useState(/** @type {Record<string, string>} */ ({}));
  const [formats, setFormats] = useState({ date_format: '', decimal: '' });
  const [partial, setPartial] = useState(false);
  const [tried, setTried] = useState(/** @type {any} */ (null));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const [busy, setBusy] = useState(false);
  /** @type {any[]} */
  const columns = known.data?.columns ?? [];

  useEffect(() => {
    headerOf(file)
      .then((found) => found ?? inWorkbook(file))
      .then(setHeader, () => setHeader(null));
  }, [file]);
  // What one has chosen stands, however early it was and however often the columns are read again.
  const guess = useMemo(
    () => guessed(header ?? [], columns, (field) => [fieldLabel(resource, field)].filter(Boolean)),
    [header, known.data],
  );
  const mapping = { ...guess, ...chosen };

  const send = async (/** @type {Record<string, any>} */ more) => {
    setBusy(true);
    setProblem(null);
    try {
      const kind = file.name.split('.').at(-1)?.toLowerCase() ?? '';
      const asked = {
        resource,
        file_name: file.name,
        partial,
        ...formats,
        columns: stated(mapping),
        ...more,
      };
      const body = new Blob([file], { type: TYPES[kind] ?? 'text/csv' });
      const { data } = await call(`/imports${query(asked)}`, {
        method: 'POST',
        body,
        headers: { 'Content-Type': TYPES[kind] ?? 'text/csv' },
        key: crypto.randomUUID(),
      });
      return data;
    } catch (error) {
      setProblem(error);
      return null;
    } finally {
      setBusy(false);
    }
  };
  const reset = () => setTried(null);
  return (
    <>
      <Panel
        title={file.name}
        sub={pluralOf(resource)}
        actions={
          <Button size="small" onClick={onBack}>
            {t('import.other')}
          </Button>
        }
      >
        <div class="stack">
          {header ? (
            <div class="mapping">
              {header.map((name) => (
                <Select
                  key={name}
                  label={name}
                  value={mapping[name] ?? ''}
                  empty={t('import.left_out')}
                  onChange={(value) => {
                    setChosen({ ...chosen, [name]: value });
                    reset();
                  }}
                  options={columns.map((one) => ({
                    value: one.header,
                    label: said(resource, one),
                  }))}
                />
              ))}
            </div>
          ) : header === null ? (
            <Notice>{t('import.workbook')}</Notice>
          ) : null}
          <div class="row">
            {Object.entries(FORMATS).map(([name, values]) => (
              <div class="field" key={name}>
                <span class="label">{t(`import.${name}`)}</span>
                <Segmented
                  label={t(`import.${name}`)}
                  value={formats[/** @type {keyof typeof formats} */ (name)]}
                  onChange={(value) => {
                    setFormats({ ...formats, [name]: value });
                    reset();
                  }}
                  items={values.map((value) => ({
                    value,
                    label: value ? t(`import.${name}.${value.replaceAll('/', '_')}`) : t('import.recognised'),
                  }))}
                />
              </div>
            ))}
          </div>
          {problem ? <Notice tone="bad">{errorText(problem)}</Notice> : null}
          <div class="row">
            <Button
              variant={tried ? 'plain' : 'primary'}
              busy={busy}
              onClick={async () => setTried(await send({ dry_run: true }))}
            >
              {t('import.try')}
            </Button>
          </div>
        </div>
      </Panel>
      {tried ? (
        <Panel title={t('import.tried')}>
          <div class="stack">
            <Counts job={tried} />
            <Refused job={tried} />
            {tried.errors.length ? (
              <Checkbox label={t('import.partial')} checked={partial} onChange={setPartial} />
            ) : null}
            <div class="row">
              <Button
                variant="primary"
                busy={busy}
                disabled={tried.errors.length > 0 && !partial}
                onClick={async () => {
                  const job = await send({ background: true });
                  if (job) onJob(job);
                }}
              >
                {t('import.go')}
              </Button>
            </div>
          </div>
        </Panel>
      ) : null}
    </>
  );
}

/** @param {string} resource @param {any} column @returns {string} the field as one knows it, and how the file may name it */
const said = (resource, column) => {
  const label = fieldLabel(resource, column.field);
  const own = column.line ? t('import.of_line', { name: label || column.field }) : label;
  return own && own !== column.header ? `${own} (${column.header})` : column.header;
};

/** @param {{job: any}} props */
const Counts = ({ job }) => (
  <dl class="counts">
    {['rows', 'created', 'updated', 'unchanged', 'refused'].map((name) => (
      <div key={name}>
        <dt>{t(`import.count.${name}`)}</dt>
        <dd class={name === 'refused' && job.refused ? 'bad' : ''}>{number(job[name])}</dd>
      </div>
    ))}
  </dl>
);

/** Every refused value, the first hundred shown; all of them in a file. @param {{job: any}} props */
function Refused({ job }) {
  if (!job.errors.length) return <p>{t('import.nothing_refused')}</p>;
  const rows = job.errors.slice(0, 100).map((/** @type {any} */ one, /** @type {number} */ i) => ({
    id: String(i),
    ...one,
    value: one.value?.length > 40 ? `${one.value.slice(0, 40)}…` : one.value,
    what: [one.reason, one.remedy].filter(Boolean).join(' '),
  }));
  return (
    <>
      <DataTable
        caption={t('import.refused')}
        columns={[
          { key: 'line', label: t('import.line'), numeric: true },
          { key: 'column', label: t('import.column') },
          { key: 'value', label: t('import.value') },
          { key: 'what', label: t('import.reason') },
        ]}
        rows={rows}
      />
      <a class="link" href={`/imports/${job.id}/refused.csv`} download>
        {t('import.download')}
      </a>
    </>
  );
}

const OVER = new Set(['checked', 'done', 'partial', 'refused', 'failed']);

/** How far the import is, then what became of it. @param {{job: any, onJob: (job: any) => void, onMore: () => void}} props */
function Outcome({ job, onJob, onMore }) {
  const over = OVER.has(job.status);
  useEffect(() => {
    if (over) {
      touched(job.resource);
      return;
    }
    const again = setTimeout(
      () =>
        call(`/imports/${job.id}`, { fresh: true }).then(
          ({ data }) => onJob(data),
          () => onJob({ ...job }),
        ),
      700,
    );
    return () => clearTimeout(again);
  }, [job]);
  const stages = /** @type {const} */ (['rows_read', 'records_checked', 'rows_written']);
  return (
    <Panel title={job.file_name ?? pluralOf(job.resource)} sub={t(`import.status.${job.status}`)}>
      <div class="stack" role="status">
        {over ? (
          <Counts job={job} />
        ) : (
          stages.map((name) => (
            <label key={name} class="progress">
              <span>{t(`import.${name}`, { n: job[name] })}</span>
              <progress max={Math.max(job.rows, job[name], 1)} value={job[name]} />
            </label>
          ))
        )}
        {over && job.errors.length ? <Refused job={job} /> : null}
        {over ? (
          <div class="row">
            {['done', 'partial'].includes(job.status) ? (
              <Button variant="primary" href={recordPath(job.resource)}>
                {t('import.see', { what: pluralOf(job.resource) })}
              </Button>
            ) : null}
            <Button onClick={onMore}>{t('import.more')}</Button>
          </div>
        ) : null}
      </div>
    </Panel>
  );
}
