// @ts-check
/** The manager's figures: the page is whole without this; it draws the table as a chart. */
import { byId, dataBlock, show } from './dom.js';
import { Chart, TIMES } from './figures/chart.js';

const config = dataBlock('config');
const compare = byId('compare', HTMLSelectElement);

/** The day to compare from is asked for only where it counts. */
function offerDay() {
  show(byId('compare-days'), compare.value === 'chosen');
}

compare.addEventListener('change', offerDay);
offerDay();

const table = document.getElementById('table');
if (table instanceof HTMLTableElement && TIMES.includes(config.by) && table.rows.length > 2) {
  show(byId('chart-part'), true);
  new Chart(byId('chart'), table, config.kind, config.marks);
}
