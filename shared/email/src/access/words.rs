//! The e-mail in the built-in languages. Each text is a template of Markdown.

use crate::language::Words;

/// English first: whoever speaks none of these gets it.
pub(super) const LANGUAGES: [(&str, &Words); 6] =
    [("en", &ENGLISH), ("fr", &FRENCH), ("de", &GERMAN), ("es", &SPANISH), ("it", &ITALIAN), ("nl", &DUTCH)];

const ENGLISH: Words = Words {
    subject: "Your data with {{ organisation.name }}",
    preheader: "A link that works for one hour.",
    body: "\
# Your data

Somebody, most likely you, asked for the data that {{ organisation.name }} holds on you. Behind this link you can read them, save them, and have them erased.

**[Show my data]({{ own_url }})**

It works for one hour. Do not pass it on: whoever has it sees what you see.

If it was not you, do nothing: nothing changes.
",
};

const FRENCH: Words = Words {
    subject: "Vos données chez {{ organisation.name }}",
    preheader: "Un lien qui fonctionne pendant une heure.",
    body: "\
# Vos données

Quelqu’un, sans doute vous, a demandé les données que {{ organisation.name }} conserve à votre sujet. Ce lien vous permet de les lire, de les enregistrer et de les faire effacer.

**[Voir mes données]({{ own_url }})**

Il fonctionne pendant une heure. Ne le transmettez pas\u{A0}: qui le possède voit ce que vous voyez.

Si ce n’était pas vous, ne faites rien\u{A0}: rien ne change.
",
};

const GERMAN: Words = Words {
    subject: "Ihre Daten bei {{ organisation.name }}",
    preheader: "Ein Link, der eine Stunde lang gilt.",
    body: "\
# Ihre Daten

Jemand, vermutlich Sie, hat die Daten angefordert, die {{ organisation.name }} über Sie speichert. Über diesen Link können Sie sie lesen, speichern und löschen lassen.

**[Meine Daten ansehen]({{ own_url }})**

Er gilt eine Stunde lang. Geben Sie ihn nicht weiter: Wer ihn hat, sieht, was Sie sehen.

Waren Sie es nicht, brauchen Sie nichts zu tun: Es ändert sich nichts.
",
};

const SPANISH: Words = Words {
    subject: "Sus datos en {{ organisation.name }}",
    preheader: "Un enlace que funciona durante una hora.",
    body: "\
# Sus datos

Alguien, probablemente usted, ha pedido los datos que {{ organisation.name }} guarda sobre usted. Con este enlace puede leerlos, guardarlos y hacer que se borren.

**[Ver mis datos]({{ own_url }})**

Funciona durante una hora. No lo reenvíe: quien lo tenga verá lo mismo que usted.

Si no ha sido usted, no haga nada: nada cambia.
",
};

const ITALIAN: Words = Words {
    subject: "I Suoi dati presso {{ organisation.name }}",
    preheader: "Un link che funziona per un’ora.",
    body: "\
# I Suoi dati

Qualcuno, probabilmente Lei, ha chiesto i dati che {{ organisation.name }} conserva su di Lei. Con questo link può leggerli, salvarli e farli cancellare.

**[Vedere i miei dati]({{ own_url }})**

Funziona per un’ora. Non lo inoltri: chi lo possiede vede ciò che vede Lei.

Se non è stato Lei, non faccia nulla: non cambia nulla.
",
};

const DUTCH: Words = Words {
    subject: "Uw gegevens bij {{ organisation.name }}",
    preheader: "Een link die een uur lang werkt.",
    body: "\
# Uw gegevens

Iemand, waarschijnlijk u, heeft gevraagd om de gegevens die {{ organisation.name }} over u bewaart. Via deze link kunt u ze lezen, opslaan en laten wissen.

**[Mijn gegevens bekijken]({{ own_url }})**

Hij werkt een uur lang. Geef hem niet door: wie hem heeft, ziet wat u ziet.

Was u het niet, doe dan niets: er verandert niets.
",
};
