// @ts-check
/** The manager's page for what leaves the house: endpoints, and the log of their deliveries. */
import { byId, dataBlock, get, post, say, show } from './dom.js';
import { Endpoints } from './handoff/endpoints.js';
import { Log } from './handoff/log.js';
import { NewEndpoint } from './handoff/new_endpoint.js';
import { setUpShowrooms } from './showrooms.js';
import { refusal } from './words.js';

/** How often the page looks whether anything has changed. */
const EVERY_MS = 5000;

/** @type {import('./handoff/handoff').Config} */
const config = dataBlock('config');
setUpShowrooms(config);

/** @type {import('./handoff/handoff').Server} */
const server = {
  address: (path, query = {}) =>
    `/manager/handoff/${path}?${new URLSearchParams({ showroom: config.showroom, ...query })}`,
  read: (path, query) => get(server.address(path, query)),
  async change(path, payload = {}) {
    const answer = await post(server.address(path), payload);
    if (answer.ok) await refresh();
    return answer;
  },
};

const complain = (/** @type {any} */ answer) => {
  say(byId('handoff-error'), answer.ok ? '' : refusal(answer));
  show(byId('handoff-error'), !answer.ok);
};
const endpoints = new Endpoints(config, server, complain);
const log = new Log(config, server);
new NewEndpoint(config, server, (secret) => endpoints.showSecret(secret));

endpoints.follow(config.endpoints);
log.know(config.endpoints);
log.load();
setInterval(() => document.hidden || refresh(), EVERY_MS);

async function refresh() {
  const answer = await server.read('endpoints');
  if (answer.code === 'not_signed_in') location.assign('/staff/login');
  if (!answer.ok) return complain(answer);
  endpoints.follow(answer.endpoints);
  log.know(answer.endpoints);
  await log.load();
}
