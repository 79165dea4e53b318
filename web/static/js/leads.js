// @ts-check
/** The follow-up list, an advisor's or a manager's: nothing on it is forgotten. */
import { byId, dataBlock } from './dom.js';
import { Details } from './leads/details.js';
import { List } from './leads/list.js';
import { Scoring } from './leads/scoring.js';
import { setUpShowrooms } from './showrooms.js';
import { t } from './words.js';

const config = dataBlock('config');
setUpShowrooms(config);

const owner = byId('owner', HTMLSelectElement);
const everybody = new Option(t('leads.owner.all'), '');
const nobody = new Option(t('leads.owner.none'), 'none');
if (config.team) {
  const people = config.advisors.map(
    (/** @type {{id: string, name: string}} */ one) => new Option(one.name, one.id),
  );
  owner.append(everybody, nobody, ...people);
} else owner.append(new Option(t('leads.owner.ours'), 'ours'), new Option(t('leads.owner.me'), 'me'), nobody, everybody);

const list = new List({ ...config, owner: owner.value }, (lead) => details.open(lead, list.now));
const details = new Details(config, () => list.load());
if (config.team) new Scoring(config.showroom, () => list.load());
list.load();
