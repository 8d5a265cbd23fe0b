import { recordPath } from '../../app/paths.js';
import { Icon } from '../../ui/Icon.jsx';
import { titleOf } from '../descriptions/index.js';
import { pluralOf } from './schema.js';

/** The list last looked at of each resource, with its filters. @type {Map<string, string>} */
export const lists = new Map();

/** The way back: to the list, or to the record being changed. @param {{resource: string, record?: any}} props */
export const Back = ({ resource, record }) => (
  <a
    class="link back"
    href={record ? recordPath(resource, record.id) : (lists.get(resource) ?? recordPath(resource))}
  >
    <Icon name="back" size={14} />
    {record ? titleOf(resource, record) : pluralOf(resource)}
  </a>
);
