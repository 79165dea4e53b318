// @ts-check
/** The manager's page of a showroom's settings: its sections, each saved by itself. */
import { byId, dataBlock, say, part } from './dom.js';
import { Holidays } from './settings/holidays.js';
import { setUpAddresses } from './settings/addresses.js';
import { setUpCanned, setUpLook, setUpTexts } from './settings/look.js';
import { Section } from './settings/section.js';
import { setUpShowrooms } from './showrooms.js';
import { countryName, locale, t } from './words.js';

const config = dataBlock('config');
setUpShowrooms(config);

const market = byId('market', HTMLSelectElement);
const markets = config.markets.map((/** @type {string} */ code) => [countryName(code), code]);
markets.sort((/** @type {string[]} */ a, /** @type {string[]} */ b) => a[0]?.localeCompare(b[0] ?? '', locale));
for (const [name, code] of markets) market.add(new Option(name, code));
byId('zones').replaceChildren(
  ...Intl.supportedValuesOf('timeZone').map((zone) => new Option(zone, zone)),
);

/** @type {Section[]} */
const sections = [];
const holidays = new Holidays(config, () => sections.forEach((one) => one.follow()));
setUpLook();
setUpTexts(config.usual);
setUpCanned(config.usual);
setUpAddresses();
const spoken = String(config.table.languages);
for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll('[data-section]'))) {
  sections.push(new Section(form, config, afterSaving, holidays));
}
for (const section of sections) section.load();

/** The other sections go by what is saved now, as far as nothing was changed in them. */
function afterSaving(/** @type {Section} */ saved) {
  for (const one of sections) if (one !== saved && !one.dirty) one.load();
  if (String(config.table.languages) !== spoken) {
    say(part(saved.form, 'said'), t('settings.saved.languages'));
  }
}

addEventListener('beforeunload', (event) => {
  if (sections.some((one) => one.dirty)) event.preventDefault();
});
