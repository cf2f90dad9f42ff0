// The hosted form, as a visitor fills it in.

import assert from 'node:assert/strict';
import test from 'node:test';

import { openBrowser, startDev } from './support.js';

test('a form is filled in, and the confirmation is in the inbox', async (t) => {
  const base = await startDev(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage({ locale: 'en-GB' });
  await page.goto(`${base}/f/pepiniere`);
  // The campaign's thanks are on a site that is not ours.
  await page.route('https://atelier-soleil.example/**', (route) => route.fulfill({ body: 'Merci' }));
  await page.fill('[name=email]', 'ada@example.com');
  await page.check('[name=garden][value=petit]');
  await page.click('button[type=submit]');
  await page.waitForURL('https://atelier-soleil.example/pepiniere/merci');
  const inbox = await (await fetch(`${base}/dev/inbox.json`)).json();
  assert.deepEqual(inbox.map((mail) => [mail.to, mail.step]), [['ada@example.com', 'confirm']]);
});
