// The pages that a visitor and a lead see: on a phone and on a desktop, by day and by night, without JavaScript.

import assert from 'node:assert/strict';
import test from 'node:test';

import { openBrowser, startDev } from './support.js';

const WHO = 'zelda@example.com';

/** Posts a form as a browser does. */
function post(url, fields = {}) {
  const body = new URLSearchParams(fields);
  return fetch(url, { method: 'POST', body, redirect: 'manual', headers: { accept: 'text/html', 'accept-language': 'fr' } });
}

/** The first link of that route in the last e-mail to the lead. */
async function link(base, route) {
  const mails = await (await fetch(`${base}/dev/inbox.json`)).json();
  return mails.filter((mail) => mail.to === WHO).pop().text.match(new RegExp(`/${route}/[^\\s)>"']+`))[0];
}

/** What is wrong with the page, as far as a machine can tell (WCAG 2.2 AA; targets as wide as a thumb). */
function faults() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (above, below) => [0, 1, 2].map((i) => above[i] * above[3] + below[i] * (1 - above[3]));
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, above) => over(above, below), [255, 255, 255]);
  };
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`wider than the window by ${root.scrollWidth - root.clientWidth}`);
  if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
  if (!root.lang || !document.title) found.push('no language, or no title');
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.nodeValue.trim() || !element.checkVisibility() || element.closest('.trap')) continue;
    const below = ground(element);
    const [dark, light] = [luminance(over(rgba(getComputedStyle(element).color), below)), luminance(below)].sort((a, b) => a - b);
    if ((light + 0.05) / (dark + 0.05) < 4.5) found.push(`too little contrast: ${texts.currentNode.nodeValue.trim()}`);
  }
  const controls = document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden])');
  for (const control of [...controls].filter((control) => control.checkVisibility() && !control.closest('.trap'))) {
    const name = control.name || control.textContent.trim();
    const labelled = control.labels?.length || !control.matches('input, select, textarea');
    if (!labelled) found.push(`no label: ${name}`);
    // A link within a sentence is as high as the sentence.
    if (control.matches('a') && getComputedStyle(control).display === 'inline') continue;
    const { width, height } = (control.matches('[type=checkbox], [type=radio]') ? control.closest('label') : control).getBoundingClientRect();
    if (width < 44 || height < 44) found.push(`too small for a thumb: ${name}, ${Math.round(width)} × ${Math.round(height)}`);
  }
  return [...new Set(found)];
}

test('each page is fit for a phone and a desktop, by day and by night', async (t) => {
  const base = await startDev(t);
  await post(`${base}/f/guide-solaire`, { email: WHO, first_name: 'Zelda', housing: 'house', surface: '140' });
  const confirm = await link(base, 'c');
  await post(base + confirm);
  const [preferences, leave] = [await link(base, 'p'), await link(base, 'u')];
  await post(base + preferences, { ask: 'export' });
  const own = await link(base, 'p');
  // As somebody would who is slower than a test, and whose browser checks nothing.
  const press = async (page) => {
    await page.evaluate(() => {
      document.querySelectorAll('form').forEach((form) => { form.noValidate = true; });
      document.querySelectorAll('[name=_shown]').forEach((shown) => shown.remove());
    });
    await page.locator('form button').last().click();
  };
  const pages = [
    ['/f/guide-solaire'], ['/f/guide-solaire', press], ['/f/guide-solaire?lang=en', press], ['/f/guide-solaire?thanks'],
    [confirm], [preferences], [own], [own, press], [`${own}?lang=en`], [leave], ['/p/cut'], ['/f/nothing'],
  ];
  const browser = await openBrowser(t);
  for (const width of [390, 1280]) {
    for (const colorScheme of ['light', 'dark']) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled: false, locale: 'fr-FR' });
      const page = await context.newPage();
      for (const [path, act] of pages) {
        await page.goto(base + path);
        await act?.(page);
        assert.deepEqual(await page.evaluate(faults), [], `${path}${act ? ', pressed' : ''}, ${width}, ${colorScheme}`);
      }
      await context.close();
    }
  }
});
