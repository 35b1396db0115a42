'use strict';
(() => {
  const form = document.forms[0], rows = [...document.querySelectorAll('#all > li')];
  const shown = document.getElementById('shown');
  const texts = rows.map(() => null), clauses = rows.map(row => row.querySelector('i').textContent.split(' '));
  const fields = form.elements;

  function offer(select, values) {
    for (const value of values)
      select.append(new Option(value, value));
  }

  function rank(clause) {
    return clause.replace(/\d+/, digits => digits.padStart(5, '0'));
  }

  /* The text of a row is looked at only when there is something to look for. */
  function has(i, word) {
    texts[i] = texts[i] ?? rows[i].textContent.toLowerCase();
    return texts[i].includes(word);
  }

  function filter() {
    const words = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdict = fields.verdict.value, clause = fields.clause.value, cause = fields.cause.value;
    let n = 0;
    rows.forEach((row, i) => {
      const fits = (!verdict || row.className === verdict) && (!clause || clauses[i].includes(clause)) &&
        (!cause || row.dataset.cause === cause) && words.every(word => has(i, word));
      row.hidden = !fits;
      n += fits;
    });
    shown.textContent = `${n} of ${rows.length}`;
  }

  function open() {
    const row = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!row || !rows.includes(row))
      return;
    if (row.hidden) {
      form.reset();
      filter();
    }
    const details = row.querySelector('details');
    if (details)
      details.open = true;
    row.scrollIntoView();
  }

  offer(fields.verdict, new Set(rows.map(row => row.className)));
  offer(fields.clause, [...new Set(clauses.flat())].filter(Boolean).sort((a, b) => rank(a) < rank(b) ? -1 : 1));
  offer(fields.cause, new Set(rows.map(row => row.dataset.cause).filter(Boolean)));
  form.addEventListener('input', filter);
  form.addEventListener('reset', () => setTimeout(filter));
  form.addEventListener('submit', event => event.preventDefault());
  /* What counts something shows it. */
  document.addEventListener('click', event => {
    const link = event.target.closest('a[data-field]');
    if (!link)
      return;
    form.reset();
    fields[link.dataset.field].value = link.dataset.value;
    filter();
  });
  addEventListener('hashchange', open);
  form.hidden = false;
  filter();
  open();
})();
