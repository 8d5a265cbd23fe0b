import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

/**
 * What the records engine knows of the API, taken from `openapi.yaml` and small enough to send: for each resource its
 * fields, filters, sorts and verbs.
 *
 * @typedef {'text'|'long'|'money'|'decimal'|'ratio'|'integer'|'date'|'instant'|'time'|'boolean'|'enum'|'currency'|'email'|'phone'|'url'
 *   |'password'|'ref'|'refs'|'rows'|'id'} FieldType `refs`: several references; `rows`: lines of the record; `id`: names what has no page
 * @typedef {{name: string, type: FieldType, ref?: string, options?: string[], required?: true, readonly?: true, fixed?: true, max?: number,
 *   initial?: any, fields?: SchemaField[]}} SchemaField
 *   `ref`: resource referred to; `fixed`: set at creation only; `initial`: the API's own default; `fields`: of the rows
 * @typedef {{name: string, range?: true, missing?: true}} SchemaFilter `range`: `name_from` and `name_to`
 * @typedef {{fields: SchemaField[], answers: string}} SchemaVerb `answers`: the resource of the record it answers
 * @typedef {{fields: SchemaField[], filters: SchemaFilter[], sorts: string[], search: boolean, creates: boolean, edits: boolean,
 *   deletes: boolean, verbs: Record<string, SchemaVerb>}} ResourceSchema
 */

const MONEY = /(^|_)(amount|price|budget|cost|limit|target)$/;
const PEOPLE = /(^|_)(owner|rep|author|manager)_id$/;
const ITSELF = /^(root|merged_into|into)_id$/;
const APART = new Set(['api-keys', 'imports', 'webhooks', 'backups']);
const PAGING = new Set(['limit', 'cursor', 'sort', 'count', 'format', 'dialect', 'q', 'id']);
const KINDS = /** @type {Record<string, FieldType>} */ ({
  email: 'email',
  phone: 'phone',
  mobile: 'phone',
  website: 'url',
  password: 'password',
});

/**
 * @param {any} api the OpenAPI document
 * @returns {Record<string, ResourceSchema>} by resource name
 */
export function compact(api) {
  const { paths } = api;
  const schemas = api.components.schemas;
  const names = Object.keys(paths)
    .map((path) => /^\/([a-z-]+)\/\{id\}$/.exec(path)?.[1] ?? '')
    .filter((name) => name && !APART.has(name) && paths[`/${name}`]?.get);
  const known = new Set(names);

  /** @param {string} name of a field @param {string} self @returns {string | undefined} the resource it refers to */
  const target = (name, self) => {
    if (PEOPLE.test(name)) return 'users';
    if (ITSELF.test(name)) return self;
    const words = name.replace(/_ids?$/, '').split('_');
    for (; words.length; words.shift()) {
      const word = words.join('-');
      const plural = word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
      if (known.has(plural)) return plural;
    }
    return undefined;
  };

  /** @param {string} name @param {any} given @param {string} self @returns {SchemaField} */
  const field = (name, given, self) => {
    const [one] = kinds(given);
    const initial = given.default === undefined || given.default === null ? {} : { initial: given.default };
    if (one.$ref) return { name, type: 'rows', fields: fieldsOf(schemas[last(one.$ref)], self) };
    if (one.type === 'array') {
      const [item] = kinds(one.items);
      if (item.$ref) return { name, type: 'rows', fields: fieldsOf(schemas[last(item.$ref)], self) };
      return { name, type: 'refs', ref: target(name, self) };
    }
    if (one.enum?.length > 100) return { name, type: 'currency' };
    if (one.enum) return { name, type: 'enum', options: one.enum, ...initial };
    if (one.format === 'uuid') {
      const ref = target(name, self);
      return ref ? { name, type: 'ref', ref } : { name, type: 'id' };
    }
    if (one.format === 'date') return { name, type: 'date' };
    if (one.format === 'date-time') return { name, type: 'instant' };
    if (one.type === 'boolean' || one.type === 'integer') return { name, type: one.type, ...initial };
    const pattern = one.pattern ?? '';
    if (pattern.startsWith('^([01][0-9]')) return { name, type: 'time' };
    if (pattern.startsWith('^(0(')) return { name, type: 'ratio', ...initial };
    if (pattern.includes('\\.') && pattern.includes('[0-9]'))
      return { name, type: MONEY.test(name) ? 'money' : 'decimal', ...initial };
    const type = KINDS[name] ?? (one.maxLength > 1000 ? 'long' : 'text');
    return { name, type, ...(one.maxLength && type === 'text' ? { max: one.maxLength } : {}) };
  };

  /** @param {any} schema @param {string} self @returns {SchemaField[]} */
  const fieldsOf = (schema, self) =>
    Object.entries(schema.properties).map(([name, given]) => ({
      ...field(name, given, self),
      ...(schema.required?.includes(name) ? { required: /** @type {const} */ (true) } : {}),
    }));

  /** @param {any} operation @returns {any} schema of its body */
  const body = (operation) => {
    const content = operation?.requestBody?.content;
    if (!content) return null;
    const [found] = kinds(/** @type {any} */ (Object.values(content)[0]).schema);
    return found.$ref ? schemas[last(found.$ref)] : null;
  };

  /** @type {Record<string, string>} */
  const answered = {};
  for (const name of names) {
    const read = paths[`/${name}/{id}`].get.responses['200'].content['application/json'].schema;
    answered[last(read.$ref)] = name;
  }

  /** @param {string} name @returns {ResourceSchema} */
  const resource = (name) => {
    const list = paths[`/${name}`];
    const item = paths[`/${name}/{id}`];
    const read = schemas[last(item.get.responses['200'].content['application/json'].schema.$ref)];
    const create = body(list.post);
    const update = body(item.patch);
    const written = create ? fieldsOf(create, name) : [];
    const fields = fieldsOf(read, name)
      .filter((one) => one.name !== 'labels' && one.name !== 'version')
      .map((one) => {
        const { required: _, ...seen } = one;
        const write = written.find((other) => other.name === one.name);
        if (!write) return { ...seen, readonly: /** @type {const} */ (true) };
        const rows = one.fields?.map((row) => {
          const { required: __, ...shown } = row;
          return (
            write.fields?.find((other) => other.name === row.name) ?? {
              ...shown,
              readonly: /** @type {const} */ (true),
            }
          );
        });
        return {
          ...write,
          ...(rows ? { fields: rows } : {}),
          ...(update && !update.properties[one.name] ? { fixed: /** @type {const} */ (true) } : {}),
        };
      });
    const seen = new Set(fields.map((one) => one.name));
    for (const one of written)
      if (!seen.has(one.name))
        fields.push({
          ...one,
          ...(update?.properties[one.name] ? {} : { fixed: /** @type {const} */ (true) }),
        });
    const params = list.get.parameters.filter((/** @type {any} */ p) => p.in === 'query');
    const all = new Set(params.map((/** @type {any} */ p) => p.name));
    const bases = new Set(
      [...all]
        .filter((p) => !PAGING.has(p))
        .map((p) => p.replace(/_missing$/, ''))
        .filter((p) => p !== 'id')
        .map((p) =>
          p.replace(/_(from|to)$/, (/** @type {string} */ end) =>
            all.has(`${p.slice(0, -end.length)}_missing`) ? '' : end,
          ),
        ),
    );
    const sort = params.find((/** @type {any} */ p) => p.name === 'sort')?.description ?? '';
    const verbs = Object.keys(paths)
      .map((path) => new RegExp(`^/${name}/\\{id\\}/([a-z-]+)$`).exec(path)?.[1] ?? '')
      .filter((verb) => verb && paths[`/${name}/{id}/${verb}`].post)
      .map((verb) => {
        const { post } = paths[`/${name}/{id}/${verb}`];
        const schema = body(post);
        const ok = post.responses['200'] ?? post.responses['201'];
        const answer = ok?.content?.['application/json']?.schema?.$ref;
        return [
          verb,
          { fields: schema ? fieldsOf(schema, name) : [], answers: answered[last(answer ?? '')] ?? name },
        ];
      });
    return {
      fields,
      filters: [...bases].map((base) => ({
        name: base,
        ...(all.has(`${base}_from`) ? { range: /** @type {const} */ (true) } : {}),
        ...(all.has(`${base}_missing`) ? { missing: /** @type {const} */ (true) } : {}),
      })),
      sorts: (/: (.+)\.$/.exec(sort)?.[1] ?? '').split(', ').filter(Boolean),
      search: all.has('q'),
      creates: !!create,
      edits: !!update,
      deletes: !!item.delete,
      verbs: Object.fromEntries(verbs),
    };
  };

  return Object.fromEntries(names.map((name) => [name, resource(name)]));
}

/** @param {string} ref @returns {string} */
const last = (ref) => ref.split('/').at(-1) ?? '';

/** What a value may be, null apart. @param {any} given @returns {any[]} */
const kinds = (given) => (given.anyOf ?? [given]).filter((/** @type {any} */ one) => one.type !== 'null');

const ID = 'virtual:schema';

/**
 * Vite plugin: `import schema from 'virtual:schema'` is the compact schema of the committed `openapi.yaml`.
 * @returns {import('vite').Plugin}
 */
export function schema() {
  const file = new URL('../../openapi.yaml', import.meta.url);
  return {
    name: 'cadran-schema',
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    async load(id) {
      if (id !== `\0${ID}`) return undefined;
      const found = compact(parse(await readFile(file, 'utf8')));
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(found))});`;
    },
  };
}
