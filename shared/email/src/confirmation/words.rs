//! The confirmation in the built-in languages. Each text is a template of Markdown, as a campaign's own would be.

use crate::language::Words;

/// English first: whoever speaks none of these gets it.
pub(super) const LANGUAGES: [(&str, &Words); 6] =
    [("en", &ENGLISH), ("fr", &FRENCH), ("de", &GERMAN), ("es", &SPANISH), ("it", &ITALIAN), ("nl", &DUTCH)];

const ENGLISH: Words = Words {
    subject: "One click to confirm: {{ campaign.title }}",
    preheader: "{{ organisation.name }} needs to know that this address is yours.",
    body: "\
# Is this your address?

Somebody, most likely you, entered it with {{ organisation.name }} for “{{ campaign.title }}”. One click confirms it, and we can begin.

**[Confirm my address]({{ confirm_url }})**

This is what you agreed to:

> {{ wording }}

If it was not you, do nothing: without this click, nothing else will follow.
",
};

const FRENCH: Words = Words {
    subject: "Un clic pour confirmer\u{A0}: {{ campaign.title }}",
    preheader: "{{ organisation.name }} doit savoir que cette adresse est bien la vôtre.",
    body: "\
# Cette adresse est-elle la vôtre\u{A0}?

Quelqu’un, sans doute vous, l’a indiquée à {{ organisation.name }} pour «\u{A0}{{ campaign.title }}\u{A0}». Un clic la confirme, et nous pouvons commencer.

**[Confirmer mon adresse]({{ confirm_url }})**

Voici ce que vous avez accepté\u{A0}:

> {{ wording }}

Si ce n’était pas vous, ne faites rien\u{A0}: sans ce clic, il n’y aura pas de suite.
",
};

const GERMAN: Words = Words {
    subject: "Ein Klick zur Bestätigung: {{ campaign.title }}",
    preheader: "{{ organisation.name }} möchte sicher sein, dass diese Adresse Ihnen gehört.",
    body: "\
# Ist das Ihre Adresse?

Jemand, vermutlich Sie, hat sie bei {{ organisation.name }} für „{{ campaign.title }}“ angegeben. Ein Klick bestätigt sie, und wir können beginnen.

**[Adresse bestätigen]({{ confirm_url }})**

Dem haben Sie zugestimmt:

> {{ wording }}

Waren Sie es nicht, brauchen Sie nichts zu tun: Ohne diesen Klick folgt nichts weiter.
",
};

const SPANISH: Words = Words {
    subject: "Un clic para confirmar: {{ campaign.title }}",
    preheader: "{{ organisation.name }} necesita saber que esta dirección es suya.",
    body: "\
# ¿Es esta su dirección?

Alguien, probablemente usted, la ha dado a {{ organisation.name }} para «{{ campaign.title }}». Un clic la confirma y podremos empezar.

**[Confirmar mi dirección]({{ confirm_url }})**

Esto es lo que ha aceptado:

> {{ wording }}

Si no ha sido usted, no haga nada: sin ese clic, no habrá nada más.
",
};

const ITALIAN: Words = Words {
    subject: "Un clic per confermare: {{ campaign.title }}",
    preheader: "{{ organisation.name }} deve sapere se questo indirizzo è Suo.",
    body: "\
# Questo indirizzo è Suo?

Qualcuno, probabilmente Lei, lo ha indicato a {{ organisation.name }} per «{{ campaign.title }}». Un clic lo conferma e possiamo cominciare.

**[Confermare il mio indirizzo]({{ confirm_url }})**

Ecco che cosa ha accettato:

> {{ wording }}

Se non è stato Lei, non faccia nulla: senza quel clic non seguirà altro.
",
};

const DUTCH: Words = Words {
    subject: "Eén klik om te bevestigen: {{ campaign.title }}",
    preheader: "{{ organisation.name }} wil zeker weten dat dit adres van u is.",
    body: "\
# Is dit uw adres?

Iemand, waarschijnlijk u, heeft het opgegeven bij {{ organisation.name }} voor ‘{{ campaign.title }}’. Eén klik bevestigt het, en dan kunnen we beginnen.

**[Mijn adres bevestigen]({{ confirm_url }})**

Dit is waarmee u hebt ingestemd:

> {{ wording }}

Was u het niet, doe dan niets: zonder die klik volgt er verder niets.
",
};
