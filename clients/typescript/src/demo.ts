// What an integrator writes first: run by the tests, with the address and a key in the environment.
import { getKpi, listCustomers } from './generated';
import { client } from './generated/client.gen';

declare const process: { env: Record<string, string | undefined> };

client.setConfig({ baseUrl: process.env.CADRAN_URL, headers: { Authorization: `Bearer ${process.env.CADRAN_KEY}` } });

const customers = await listCustomers({ query: { limit: 5, sort: 'name' }, throwOnError: true });
const kpi = await getKpi({ path: { name: 'ordered_amount' }, query: { period: '2026' }, throwOnError: true });
const refused = await listCustomers({ query: { limit: 0 } });
console.log(JSON.stringify({ names: customers.data.items.map((one) => one.name), value: kpi.data.value, status: refused.response?.status }));
