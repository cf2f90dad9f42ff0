//! The words of the page that shows a lead its data, in French and in English.

use super::words::Notice;
use crate::language::Tongue;

/// The texts in one language.
#[derive(Debug)]
pub(super) struct Words {
    pub title: &'static str,
    pub text: &'static str,
    pub save: &'static str,
    pub several: &'static str,
    pub about: &'static str,
    pub address: &'static str,
    pub since: &'static str,
    pub language: &'static str,
    pub consent: &'static str,
    pub consent_none: &'static str,
    pub consent_pending: &'static str,
    pub consent_granted: &'static str,
    pub consent_withdrawn: &'static str,
    pub mails: &'static str,
    pub score: &'static str,
    pub score_text: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    /// What stands between whole numbers and tenths.
    pub decimal_mark: &'static str,
    pub happened: &'static str,
    pub whole: &'static str,
    pub in_the_file: &'static str,
    pub erase: &'static str,
    pub erase_text: &'static str,
    pub sure: &'static str,
    pub not_sure: &'static str,
    pub erase_button: &'static str,
    pub erased: Notice,
}

impl Words {
    pub fn of(tongue: Tongue) -> &'static Self {
        match tongue {
            Tongue::French => &FRENCH,
            Tongue::English => &ENGLISH,
        }
    }
}

static FRENCH: Words = Words {
    title: "Vos données",
    text: "Voici tout ce que nous conservons à votre sujet. Ce lien fonctionne pendant une heure.",
    save: "Enregistrer mes données (JSON)",
    several: "Il y en a trop pour un seul fichier\u{a0}: enregistrez-les tous, ils se suivent.",
    about: "Vous",
    address: "Adresse",
    since: "Connu depuis le",
    language: "Langue",
    consent: "Votre accord",
    consent_none: "Vous n’avez rien accepté, et nous ne vous écrivons pas.",
    consent_pending: "Nous vous avons demandé de confirmer votre adresse\u{a0}; vous n’avez pas encore répondu.",
    consent_granted: "Vous avez accepté de recevoir nos e-mails.",
    consent_withdrawn: "Vous avez retiré votre accord.",
    mails: "E-mails que nous vous avons adressés",
    score: "Votre score",
    score_text: "Nous évaluons votre intérêt par des points. Leur total\u{a0}:",
    yes: "oui",
    no: "non",
    decimal_mark: ",",
    happened: "Ce qui s’est passé",
    whole: "Tout, tel que nous l’enregistrons",
    in_the_file: "C’est trop long pour cette page\u{a0}: enregistrez vos données, ci-dessus.",
    erase: "Effacer mes données",
    erase_text: "Votre adresse, vos réponses et tout leur historique disparaissent. Il n’en reste qu’une empreinte \
                 sans adresse, pour que cet effacement tienne même si nous devons restaurer une sauvegarde. \
                 Un e-mail déjà parti peut encore vous parvenir.",
    sure: "Oui, effacez tout. C’est définitif.",
    not_sure: "Cochez cette case pour confirmer.",
    erase_button: "Effacer mes données",
    erased: Notice {
        title: "Vos données sont effacées",
        text: "Nous ne conservons plus rien à votre sujet. Vous pouvez revenir quand vous voulez, par un formulaire.",
    },
};

static ENGLISH: Words = Words {
    title: "Your data",
    text: "This is all that we hold on you. The link works for one hour.",
    save: "Save my data (JSON)",
    several: "There is too much for one file: save all of them, they follow one another.",
    about: "You",
    address: "Address",
    since: "Known since",
    language: "Language",
    consent: "Your consent",
    consent_none: "You agreed to nothing, and we do not write to you.",
    consent_pending: "We asked you to confirm your address; you have not answered yet.",
    consent_granted: "You agreed to receive our e-mails.",
    consent_withdrawn: "You took your consent back.",
    mails: "E-mails that we addressed to you",
    score: "Your score",
    score_text: "We rate your interest by points. Their total:",
    yes: "yes",
    no: "no",
    decimal_mark: ".",
    happened: "What happened",
    whole: "All of it, as we store it",
    in_the_file: "It is too long for this page: save your data, above.",
    erase: "Erase my data",
    erase_text: "Your address, your answers and all of their history go. What stays is a fingerprint without \
                 address, so that the erasure holds even if we have to restore a backup. An e-mail that has left already may \
                 still reach you.",
    sure: "Yes, erase everything. It cannot be undone.",
    not_sure: "Tick this box to confirm.",
    erase_button: "Erase my data",
    erased: Notice {
        title: "Your data are erased",
        text: "We hold nothing on you any more. You may come back whenever you like, by a form.",
    },
};
