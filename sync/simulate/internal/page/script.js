'use strict';
// The page shows what /world/events tells and asks /world to do what is pressed. It keeps nothing of its own.

const $ = id => document.getElementById(id);
const text = (id, s) => { if ($(id).textContent !== s) $(id).textContent = s; };
const show = (id, on) => { $(id).hidden = !on; };

// Looks: a shape and a colour for everything that either side can show.
function lookOfTeams(t) {
  if (t.activity === 'OutOfOffice') return 'oof';
  if (t.activity === 'InAMeeting') return 'meeting';
  if (t.activity.startsWith('InA')) return 'call';
  return { Available: 'available', Busy: 'busy', DoNotDisturb: 'dnd', Away: 'away', BeRightBack: 'away' }[t.availability] || 'offline';
}
const lookOfStatus = { available: 'available', busy: 'busy', dnd: 'dnd', away: 'away', vacation: 'oof', meeting: 'meeting' };
const lineAllows = {
  idle: ['ring', 'dial'], ringing: ['answer', 'hangup'], talking: ['hold', 'hangup'], held: ['resume', 'hangup'],
};

let state, ahead = 0; // how far the worlds' clock is ahead of this one

function left(expires) {
  const s = Math.max(0, Math.round((Date.parse(expires) - Date.now() - ahead) / 1000));
  if (s >= 86400) return Math.round(s / 86400) + ' days left';
  if (s >= 3600) return Math.floor(s / 3600) + ' h ' + Math.floor(s % 3600 / 60) + ' min left';
  return Math.floor(s / 60) + ':' + String(s % 60).padStart(2, '0') + ' left';
}

function hold(id, what, expires) {
  const small = document.createElement('small');
  if (expires) { small.dataset.expires = expires; small.textContent = left(expires); }
  $(id).replaceChildren(what, ...(expires ? [small] : []));
}

function press(selector, isOn) {
  for (const b of document.querySelectorAll(selector)) b.setAttribute('aria-pressed', String(isOn(b)));
}

function render() {
  const { teams, phone, requests, faults } = state;
  text('person-name', state.person.name);
  text('person-user', state.person.user);

  const look = lookOfTeams(teams);
  $('teams-hero').dataset.look = look;
  $('teams-icon').setAttribute('href', '#s-' + look);
  text('teams-title', teams.title);
  text('teams-pair', teams.availability + ' / ' + teams.activity);
  text('teams-note', 'Out of office');
  show('teams-note', teams.out_of_office && look !== 'oof');
  const chosen = teams.preferred && teams.preferred.by === 'person' ? teams.preferred : null;
  press('[data-pair]', b => !!chosen && b.dataset.pair === chosen.shows);
  let hint = chosen ? 'Chosen: ' + chosen.title + ', ' + left(chosen.expires) : 'Nothing chosen';
  if (chosen && !teams.sessions.length) hint = chosen.title + ' shows once Teams is open';
  text('teams-chosen', hint);
  press('[data-kind]', b => teams.happening.includes(b.dataset.kind));
  press('[data-client]', b => b.dataset.client === teams.client);
  press('#teams-out-of-office', () => teams.out_of_office);

  $('phone-hero').dataset.line = phone.line;
  text('phone-line', phone.line_title);
  text('phone-status', phone.status_title);
  text('phone-extension', phone.extension);
  const by = phone.status_by === 'application';
  text('phone-by', 'set by Offhook');
  show('phone-by', by);
  $('phone-icon').setAttribute('href', '#s-' + lookOfStatus[phone.status]);
  $('phone-icon').closest('.under').dataset.look = lookOfStatus[phone.status];
  press('[data-status]', b => b.dataset.status === phone.status);
  for (const b of document.querySelectorAll('[data-act]')) {
    b.setAttribute('aria-disabled', String(!lineAllows[phone.line].includes(b.dataset.act)));
  }

  const session = teams.sessions.find(s => s.by === 'application');
  const preferred = teams.preferred && teams.preferred.by === 'application' ? teams.preferred : null;
  if (session) hold('hold-session', session.title, session.expires);
  else hold('hold-session', 'nothing');
  show('hold-session', session || !preferred);
  if (preferred) hold('hold-preferred', 'Chosen: ' + preferred.title, preferred.expires);
  show('hold-preferred', !!preferred);
  $('hold-teams').classList.toggle('set', !!(session || preferred));
  hold('hold-status', by ? phone.status_title : 'nothing');
  $('hold-phone').classList.toggle('set', by);

  text('count-teams-reads', String(requests.teams.reads));
  text('count-teams-writes', String(requests.teams.writes));
  text('count-phone-writes', String(requests.phone.writes));
  text('count-phone-streams', String(phone.streams));
  for (const side of ['graph', 'phone', 'entra']) {
    const select = $('fault-' + side);
    if (document.activeElement !== select) select.value = faults[side];
  }
  renderTimeline(state.changes);
}

const names = {
  by: { person: 'You', application: 'Offhook', clock: 'Time', teams: '' },
  side: { teams: 'Teams', phone: 'Phone', 'sign-in': 'Sign-in', world: 'World' },
};
let last = 0; // the number of the newest change shown
let cause = 0; // when the person last did something

function renderTimeline(changes) {
  const list = $('timeline');
  show('nothing', !changes.length);
  if (changes.length && changes[changes.length - 1].number < last) { // the worlds were started anew
    list.replaceChildren();
    last = cause = 0;
  }
  for (const c of changes) {
    if (c.by === 'person') cause = Date.parse(c.at);
    if (c.number <= last) continue;
    last = c.number;
    list.prepend(entry(c));
  }
  while (list.children.length > 60) list.lastChild.remove();
}

function entry(c) {
  const li = document.createElement('li');
  li.className = c.by;
  li.dataset.side = c.side;
  const put = (tag, cls, s) => {
    const e = document.createElement(tag);
    e.className = cls;
    e.textContent = s;
    li.append(e);
    return e;
  };
  const at = new Date(c.at);
  put('time', 'at', at.toTimeString().slice(0, 8)).dateTime = c.at;
  put('span', 'side', names.side[c.side] || c.side);
  put('span', 'by', names.by[c.by] ?? c.by);
  put('span', 'what', c.what);
  const took = at - cause;
  put('span', 'took', c.by === 'application' && cause && took < 60000 ? 'after ' + (took / 1000).toFixed(2) + ' s' : '');
  return li;
}

// Playing.
let refusal;
function refused(message) {
  clearTimeout(refusal);
  text('refused', message);
  show('refused', true);
  refusal = setTimeout(() => show('refused', false), 5000);
}

async function play(path, body) {
  try {
    const answer = await fetch('/world/' + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: body || '{}' });
    if (!answer.ok) refused((await answer.json()).error.message);
  } catch {
    refused('The simulated worlds do not answer.');
  }
}

document.addEventListener('click', e => {
  const b = e.target.closest('button');
  if (!b || b.getAttribute('aria-disabled') === 'true') return;
  if (b.dataset.do) play(b.dataset.do, b.dataset.body);
  if (b.dataset.toggle) {
    const on = b.getAttribute('aria-pressed') !== 'true';
    play(b.dataset.toggle, JSON.stringify(b.dataset.kind ? { on, kind: b.dataset.kind } : { on }));
  }
});
for (const side of ['graph', 'phone', 'entra']) {
  $('fault-' + side).addEventListener('change', e => play('fault', JSON.stringify({ [side]: e.target.value })));
}

const events = new EventSource('/world/events');
events.addEventListener('state', e => {
  state = JSON.parse(e.data);
  ahead = Date.parse(state.now) - Date.now();
  show('lost', false);
  show('simulated', true);
  render();
  document.documentElement.dataset.ready = 'true'; // for browser tests
});
events.addEventListener('error', () => { show('lost', true); show('simulated', false); });
setInterval(() => {
  for (const e of document.querySelectorAll('[data-expires]')) e.textContent = left(e.dataset.expires);
}, 1000);
