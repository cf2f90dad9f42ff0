// Forms, as a visitor fills them in: ours and a marketer's, with the script and without JavaScript.

import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { openBrowser, startDev } from './support.js';

const OURS = new URL('infra', import.meta.url).pathname;

async function leads(base) {
  return (await fetch(`${base}/dev/leads.json`)).json();
}

/** What the page asks of the visitor now: the names of the fields in sight. */
function inSight(page) {
  return page.$$eval('input,select', (fields) =>
    [...new Set(fields.filter((field) => field.checkVisibility() && field.name[0] !== '_').map((field) => field.name))]);
}

test('without JavaScript, all steps stand on one page, and it works', async (t) => {
  const base = await startDev(t, OURS);
  const page = await (await openBrowser(t)).newPage({ javaScriptEnabled: false, locale: 'en-GB' });
  await page.goto(`${base}/f/guide`);
  assert.equal(await page.locator('text=Continue >> visible=true').count(), 0);
  await page.fill('[name=email]', 'ada@example.com');
  await page.check('[value=house]');
  await page.selectOption('[name=country]', { label: 'Germany' });
  await page.check('[value=tips]');
  await page.click('button[type=submit]');
  assert.equal(await page.textContent('h1'), 'Thank you!');
  const [lead] = await leads(base);
  assert.deepEqual(lead.traits, { country: 'DE', housing: 'house', source: 'site' });
});

test('with the script, one step after the other, faults beside their fields, and thanks in place', async (t) => {
  const base = await startDev(t, OURS);
  const context = await (await openBrowser(t)).newContext({ locale: 'en-GB', timezoneId: 'Europe/Dublin' });
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  page.on('pageerror', (error) => wrong.push(String(error)));
  await page.goto(`${base}/f/guide?utm_source=news&source=fair`);

  assert.deepEqual(await inSight(page), ['email', 'first_name']);
  await page.click('text=Continue >> visible=true');
  assert.equal(await page.getAttribute('[name=email]', 'aria-invalid'), 'true');
  const fault = await page.getAttribute('[name=email]', 'aria-describedby');
  assert.ok((await page.textContent(`#${fault}`)).length > 5);
  assert.equal(await page.evaluate(() => document.activeElement.name), 'email');
  await page.fill('[name=email]', 'ada@mailinator.com');
  await page.keyboard.press('Enter');
  assert.deepEqual(await inSight(page), ['housing', 'country']);
  assert.ok(await page.getByText('Step 2 / 3').isVisible());
  await page.check('[value=flat]');
  await page.click('text=Continue >> visible=true');
  assert.deepEqual(await inSight(page), ['code'], 'later fields wait');
  await page.fill('[name=code]', 'abc');
  await page.click('button[type=submit]');

  // The server knows more than the browser: both faults, the first one in sight.
  await page.waitForSelector('[name=email][aria-invalid=true]');
  assert.deepEqual(await inSight(page), ['email', 'first_name']);
  await page.fill('[name=email]', 'ada@example.com');
  await page.click('text=Continue >> visible=true');
  await page.click('text=Continue >> visible=true');
  assert.ok(await page.getByText('The code has four capitals, such as ABCD.').isVisible());
  await page.fill('[name=code]', 'ABCD');
  await page.click('button[type=submit]');
  await page.waitForSelector('h2');
  assert.equal(await page.textContent('h2'), 'Thank you!');
  assert.ok(page.url().includes('/f/guide?'), 'the page has not changed');

  const [lead] = await leads(base);
  assert.equal(lead.traits.source, 'fair');
  const whole = await (await fetch(`${base}/dev/leads/ada@example.com.json`)).json();
  const posted = whole.activities.find((activity) => activity.kind === 'form_submitted');
  assert.equal(posted.touch.utm_source, 'news');
  assert.equal(posted.time_zone, 'Europe/Dublin');

  // Next time, two of the later fields; then the third. Only their names are remembered.
  await page.goto(`${base}/f/guide`);
  await page.fill('[name=email]', 'ada@example.com');
  await page.click('text=Continue >> visible=true');
  await page.check('[value=flat]');
  await page.click('text=Continue >> visible=true');
  assert.deepEqual(await inSight(page), ['code', 'company', 'role']);
  await page.fill('[name=company]', 'Lovelace & Co');
  await page.fill('[name=role]', 'Analyst');
  await page.click('button[type=submit]');
  await page.waitForSelector('h2');
  assert.equal(await page.evaluate(() => localStorage.sillonguide), '["company","role"]');
  await page.goto(`${base}/f/guide`);
  await page.fill('[name=email]', 'ada@example.com');
  await page.click('text=Continue >> visible=true');
  await page.check('[value=flat]');
  await page.click('text=Continue >> visible=true');
  assert.deepEqual(await inSight(page), ['code', 'budget']);
  assert.deepEqual(wrong.filter((text) => !text.includes('422')), [], 'no policy was broken, nothing was thrown');
});

test('when the script cannot reach the server, the form is posted as it would be without it', async (t) => {
  const base = await startDev(t, OURS);
  const page = await (await openBrowser(t)).newPage({ locale: 'en-GB' });
  const tried = [];
  await page.route('**/f/guide', (route) => {
    const request = route.request();
    tried.push(`${request.method()} by ${request.resourceType()}`);
    return request.resourceType() === 'fetch' ? route.abort() : route.continue();
  });
  await page.goto(`${base}/f/guide`);
  await page.fill('[name=email]', 'ada@example.com');
  await page.click('text=Continue >> visible=true');
  await page.check('[value=house]');
  await page.click('text=Continue >> visible=true');
  await page.click('button[type=submit]');
  await page.waitForSelector('h1:has-text("Thank you!")');
  assert.deepEqual(tried, ['GET by document', 'POST by fetch', 'POST by document']);
  const [lead] = await leads(base);
  assert.equal(lead.traits.housing, 'house');
});

test('who is too quick is thanked and not stored; who leaves the page open for days loses nothing', async (t) => {
  const base = await startDev(t, OURS, '--fill-time');
  const page = await (await openBrowser(t)).newPage({ locale: 'en-GB' });
  const send = async () => {
    await page.click('text=Continue >> visible=true');
    await page.check('[value=house]');
    await page.click('text=Continue >> visible=true');
    await page.click('[type=submit]');
  };
  const robot = `email=robot@example.com&housing=house`;
  await page.goto(`${base}/f/guide`);
  const thanked = await page.evaluate(async (body) => {
    const fresh = await (await fetch(location.href)).text();
    const shown = fresh.match(/name="_shown" value="([^"]+)"/)[1];
    const post = { method: 'POST', body: new URLSearchParams(`${body}&_shown=${shown}`) };
    return (await fetch(location.href, { ...post, headers: { accept: 'application/json' } })).json();
  }, robot);
  assert.equal(thanked.status, 'pending_confirmation');
  assert.deepEqual(await leads(base), []);

  await page.waitForTimeout(2100);
  await page.fill('[name=email]', 'ada@example.com');
  await send();
  await page.waitForSelector('h2');
  assert.deepEqual((await leads(base)).map((lead) => lead.email), ['ada@example.com']);

  await page.goto(`${base}/f/guide`);
  await page.fill('[name=email]', 'bob@example.com');
  await fetch(`${base}/dev/clock`, { method: 'POST', body: JSON.stringify({ advance: '2d' }) });
  await send();
  await page.waitForSelector('text=This page is out of date. Nothing is erased');
  assert.equal(await page.inputValue('[name=email]'), 'bob@example.com');
  await send();
  await page.waitForSelector('h2');
  assert.deepEqual((await leads(base)).map((lead) => lead.email), ['ada@example.com', 'bob@example.com']);
});

/** What Cloudflare's script does, as far as a form sees it: a frame, and a solution that the form posts. */
const WIDGET = `document.querySelectorAll('.cf-turnstile').forEach((place) => {
  const frame = document.createElement('iframe'), solution = document.createElement('input');
  frame.src = 'https://challenges.cloudflare.com/frame';
  Object.assign(solution, { type: 'hidden', name: 'cf-turnstile-response', value: 'solution of ' + place.dataset.sitekey });
  place.append(frame, solution);
});`;

test('a form that asks Turnstile is sent with its solution, and comes again when that is none', async (t) => {
  const asked = [];
  let success = false;
  const cloudflare = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    asked.push(new URLSearchParams(body).get('response'));
    response.end(JSON.stringify({ success, 'error-codes': success ? [] : ['invalid-input-response'] }));
  });
  await new Promise((listening) => cloudflare.listen(0, '127.0.0.1', listening));
  t.after(() => cloudflare.close());
  process.env.SILLON_TURNSTILE_SECRET = 'secret-of-the-test';
  process.env.SILLON_TURNSTILE_URL = `http://127.0.0.1:${cloudflare.address().port}/siteverify`;
  const infra = await mkdtemp(join(tmpdir(), 'sillon-infra-'));
  t.after(() => rm(infra, { recursive: true, force: true }));
  await cp(OURS, infra, { recursive: true });
  const file = join(infra, 'sillon.yaml');
  await writeFile(file, `${await readFile(file, 'utf8')}\nturnstile: { site_key: 0x4AAAAAAADnPIDROrmt1Wwj }\n`);
  const base = await startDev(t, infra, '--turnstile');

  const page = await (await openBrowser(t)).newPage({ locale: 'en-GB' });
  const wrong = [];
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  await page.route('https://challenges.cloudflare.com/**', (route) => route.fulfill(
    route.request().url().endsWith('/api.js')
      ? { contentType: 'text/javascript', body: WIDGET }
      : { contentType: 'text/html', body: '<p>Are you a person?' },
  ));
  const send = async () => {
    await page.click('text=Continue >> visible=true');
    await page.check('[value=house]');
    await page.click('text=Continue >> visible=true');
    await page.frameLocator('.cf-turnstile iframe').locator('text=Are you a person?').waitFor();
    await page.click('[type=submit]');
  };
  await page.goto(`${base}/f/guide`);
  await page.fill('[name=email]', 'ada@example.com');
  await send();
  await page.waitForSelector('text=We could not verify that a person fills in this form. Nothing is erased');
  assert.equal(await page.inputValue('[name=email]'), 'ada@example.com');
  assert.deepEqual(await leads(base), []);
  success = true;
  await send();
  await page.waitForSelector('h2');
  assert.equal((await leads(base)).length, 1);
  assert.deepEqual([...new Set(asked)], ['solution of 0x4AAAAAAADnPIDROrmt1Wwj']);
  assert.deepEqual(wrong.filter((text) => !text.includes('422')), [], 'the policy lets the widget in');
});

/** A marketer's page on an origin of its own, under a strict policy; and Sillon, whose campaign knows that origin. */
async function elsewhere(t, form) {
  let base;
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', `default-src 'none'; style-src 'unsafe-inline'; script-src ${base}; connect-src ${base}; require-trusted-types-for 'script'`);
    response.end(`<!doctype html><html lang="en"><title>Our guide</title><body><h1>Our guide</h1>
      <p style="height:3000px">Text</p>${form(base)}<script src="${base}/f/guide/embed.js" defer></script>`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close().closeAllConnections());
  const site = `http://127.0.0.1:${server.address().port}`;

  const infra = await mkdtemp(join(tmpdir(), 'sillon-infra-'));
  t.after(() => rm(infra, { recursive: true, force: true }));
  await cp(OURS, infra, { recursive: true });
  const file = join(infra, 'campaigns/guide/campaign.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('http://localhost:8799', site));
  base = await startDev(t, infra);
  return { base, site };
}

const plain = (more = '') => (base) => `<form action="${base}/f/guide" method="post" ${more}>
  <label>E-mail <input type="email" name="email" required></label>
  <label><input type="radio" name="housing" value="house"> House</label>
  <label><input type="radio" name="housing" value="flat"> Flat</label>
  <label>Code <input name="code"></label><button name="submit">Send</button></form>`;

test("a marketer's own form is enhanced from another origin", async (t) => {
  const { base, site } = await elsewhere(t, plain());
  const page = await (await openBrowser(t)).newPage();
  await page.goto(`${site}/landing?utm_campaign=spring`);
  await page.fill('[name=email]', 'bob@example.com');
  await page.fill('[name=code]', '<img src=x onerror=alert(1)>');
  await page.click('button');
  await page.waitForSelector('.fault');
  assert.deepEqual(await page.$$eval('[aria-invalid]', (fields) => fields.map((field) => field.name)), ['housing', 'housing', 'code']);
  assert.equal(await page.$$eval('.fault', (faults) => faults.length), 2);
  await page.check('[value=flat]');
  await page.fill('[name=code]', '');
  await page.click('button');
  await page.waitForSelector('h2');
  assert.deepEqual(await page.$$eval('form > *', (parts) => parts.map((part) => part.localName)), ['h2', 'p', 'p']);
  const whole = await (await fetch(`${base}/dev/leads/bob@example.com.json`)).json();
  const { touch } = whole.activities.find((activity) => activity.kind === 'form_submitted');
  assert.equal(touch.utm_campaign, 'spring');
  assert.match(touch.landing_page, /^http:\/\/127.0.0.1:\d+\/landing$/);
});

for (const [when, bring] of [
  ['delay:0.2s', async () => {}],
  ['scroll:50%', (page) => page.mouse.wheel(0, 2500)],
  ['exit', (page) => page.evaluate(() => document.documentElement.dispatchEvent(new MouseEvent('mouseleave', { clientY: -1 })))],
]) {
  test(`a pop-up comes by ${when}, keeps the focus, goes by Escape, and comes once`, async (t) => {
    const { site } = await elsewhere(t, plain(`data-sillon-popup="${when}"`));
    const page = await (await openBrowser(t)).newPage();
    await page.goto(site);
    await page.mouse.move(100, 100);
    await bring(page);
    await page.waitForSelector('dialog[open]');
    for (let press = 0; press < 9; press += 1) {
      await page.keyboard.press('Tab');
      assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null));
    }
    await page.keyboard.press('Escape');
    assert.equal(await page.$('dialog[open]'), null);
    await page.goto(site);
    await bring(page);
    await page.waitForTimeout(400);
    assert.equal(await page.$('dialog[open]'), null);
  });
}
