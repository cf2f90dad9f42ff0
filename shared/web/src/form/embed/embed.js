// Enhances the forms of one campaign on any page: faults beside their fields, thanks in place, steps, later questions,
// pop-ups. Without it, each form works as it stands. It makes elements and sets their text, never markup, so that nothing
// that anybody types or answers can become more than text; it runs under any policy that lets it load and connect.
// `npm run embed` in tests/browser makes embed.min.js of it; the server puts the campaign in the place of FORM. Every byte
// counts, hence `let` instead of `const`.
((id, later, most) => {
  let page = document, root = page.documentElement, session = 'sessionStorage', on = 'addEventListener', marked = '[aria-invalid]';

  // A browser may refuse to keep anything.
  let keep = (key, value, where = 'localStorage') => {
    try {
      if (value) self[where]['sillon' + key] = JSON.stringify(value);
      return JSON.parse(self[where]['sillon' + key]);
    } catch {}
  };
  let make = (tag, text) => {
    let made = page.createElement(tag);
    made.textContent = text;
    return made;
  };

  // The first touch of this visit: its first page and the page before, with the utm_* that came last. It stands in
  // sessionStorage, which ends with the tab.
  let touch = keep('', 0, session) || [['_landing_page', location.href.split(/[?#]/)[0]], ['_referrer', page.referrer]];
  let utm = [...new URLSearchParams(location.search)].filter(([name]) => /^utm_/.test(name));
  if (utm[0]) touch.splice(2, 9, ...utm);
  keep('', touch, session);
  let told = [...touch, ['_locale', root.lang], ['_time_zone', Intl.DateTimeFormat().resolvedOptions().timeZone]];

  let enhance = (form) => {
    let all = (css, part = form) => [...part.querySelectorAll(css)];
    let named = (name) => [...form.elements].filter((field) => field.name == name);

    // In localStorage: which of the later fields were answered, never what was answered.
    let known = keep(id);
    let left = known ? most : 0;
    for (let name of later) {
      let unasked = known?.includes(name) || left-- < 1;
      for (let field of named(name))
        for (let part of [field.closest('[data-field]') || field, ...field.labels || []]) part.hidden = unasked && !field.ariaInvalid;
    }

    // One step in sight, or the whole form if it has none.
    let steps = all('[data-step]'), last = steps.length - 1;
    let at = 0, failed;
    let show = (to) => {
      at = to;
      steps.forEach((step, index) => step.hidden = index != at);
      for (let part of all('[data-last]')) part.hidden = at < last;
    };
    let move = (by) => {
      show(at + by);
      steps[at].elements[0].focus();
    };
    let face = () => {
      let field = all(marked)[0];
      if (field) {
        // What stands in no step is seen with the last one.
        show((steps.indexOf(field.closest('[data-step]')) + 1 || last + 1) - 1);
        field.focus();
      }
    };

    // Tells the faults in place of those that the form, or one step, had before; answers whether there are any.
    let faulty = (errors, part) => {
      for (let told of all('.fault', part)) told.remove();
      for (let field of all(marked, part)) field.ariaInvalid = null;
      for (let { field: name, message } of errors) {
        let fields = named(name), end = fields.at(-1), told = make('p', message);
        if (end?.ariaInvalid) continue;
        told.className = 'fault';
        told.id = id + name;
        if (end) (end.closest('[data-field]')?.lastChild || end.closest('label') || end).after(told);
        else form.prepend(told), told.role = 'alert';
        for (let field of fields) {
          field.ariaInvalid = true;
          field.setAttribute('aria-describedby', told.id);
        }
      }
      if (errors[0]) face();
      return errors[0];
    };
    // What the browser finds by itself in a form or one of its steps.
    let invalid = (part) => faulty([...part.elements].flatMap((field) =>
      field.checkValidity() ? [] : { field: field.name, message: field.validationMessage }), part);
    let next = () => invalid(steps[at]) || move(1);

    form.noValidate = true;
    for (let part of all('[data-moves]')) part.hidden = last < 1;
    show(0);
    face();
    form[on]('click', ({ target: { dataset: { move: to } } }) => to == 'next' ? next() : to && move(-1));
    form[on]('formdata', ({ formData }) => {
      for (let [name, value] of told) formData.get(name) || formData.set(name, value);
    });
    form[on]('submit', async (event) => {
      if (failed) return;
      event.preventDefault();
      if (at < last) return next();
      if (invalid(form)) return;
      let body = new URLSearchParams(new FormData(form));
      let answer;
      body.set('_embed', 1);
      try {
        answer = await (await fetch(form.getAttribute('action'), { method: 'POST', body })).json();
      } catch {}
      if (answer?.status == 'invalid') return faulty(answer.errors);
      // Whatever else went wrong, the server's own page says it better.
      if (failed = !answer || answer.errors) return form.requestSubmit();
      keep(id, later.filter((name) => known?.includes(name) || body.get(name)));
      if (answer.next) return location = answer.next;
      let title = make('h2', answer.title);
      form.replaceChildren(title, ...answer.text.map((text) => make('p', text)));
      title.tabIndex = -1;
      title.focus();
    });

    let [when, much] = (form.dataset.sillonPopup || '').split(':'), amount = parseFloat(much), shown = '-' + id;
    if (!when) return;
    let box = make('dialog'), close = make('button', '×');
    close.ariaLabel = /^fr/.test(root.lang) ? 'Fermer' : 'Close';
    close.onclick = () => box.close();
    box.ariaLabel = page.title;
    form.replaceWith(box);
    box.append(close, form);
    if (keep(shown)) return;
    let open = () => {
      open = Object;
      keep(shown, 1);
      box.showModal();
    };
    if (when == 'delay') setTimeout(open, amount * 1e3);
    else if (when == 'scroll') self[on](when, () => scrollY / (root.scrollHeight - innerHeight) * 100 < amount || open());
    else root[on]('mouseleave', ({ clientY }) => clientY > 0 || open());
  };
  page.querySelectorAll(`[action$="/f/${id}"],[data-sillon="${id}"]`).forEach(enhance);
})(FORM);
