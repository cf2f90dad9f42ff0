//! The words of the hosted form and of what follows it, in French and in English.

use crate::language::Tongue;

/// The texts in one language.
#[derive(Debug)]
pub(crate) struct Words {
    /// Of these words (ISO 639-1).
    pub language: &'static str,
    pub email: &'static str,
    pub optional: &'static str,
    pub choose: &'static str,
    pub leave_empty: &'static str,
    pub send_with_magnet: &'static str,
    pub send: &'static str,
    pub topics: &'static str,
    pub step: &'static str,
    pub next: &'static str,
    pub back: &'static str,
    pub confirmation_follows: &'static str,
    pub privacy: &'static str,
    pub one_fault: &'static str,
    pub many_faults: &'static str,
    pub not_stored: &'static str,
    pub too_many: &'static str,
    pub stale: &'static str,
    pub unsolved: &'static str,
    pub needs_script: &'static str,
    pub open_form: &'static str,
    pub look_into_mailbox: Thanks,
    pub subscribed: Thanks,
}

/// What the page after the form says.
#[derive(Debug)]
pub(crate) struct Thanks {
    pub title: &'static str,
    pub paragraphs: &'static [&'static str],
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
    language: "fr",
    email: "Adresse e-mail",
    optional: "facultatif",
    choose: "Choisissez…",
    leave_empty: "Laissez ce champ vide",
    send_with_magnet: "Recevoir par e-mail",
    send: "M’inscrire",
    topics: "Ce que vous souhaitez recevoir",
    step: "Étape",
    next: "Continuer",
    back: "Revenir",
    confirmation_follows: "Vous recevrez d’abord un e-mail pour confirmer votre adresse.",
    privacy: "Ce que nous faisons de vos données",
    one_fault: "Il reste un point à corriger\u{a0}:",
    many_faults: "Il reste quelques points à corriger\u{a0}:",
    not_stored: "Votre envoi n’a pas pu être enregistré, et c’est de notre fait. Rien n’est effacé\u{a0}: \
                 attendez un instant, puis envoyez à nouveau.",
    too_many: "Trop d’envois viennent de votre réseau. Rien n’est effacé\u{a0}: attendez quelques minutes, \
               puis envoyez à nouveau.",
    stale: "Cette page n’est plus à jour. Rien n’est effacé\u{a0}: vérifiez, puis envoyez à nouveau.",
    unsolved: "Nous n’avons pas pu vérifier qu’une personne remplit ce formulaire. Rien n’est effacé\u{a0}: refaites \
               la vérification, puis envoyez à nouveau.",
    needs_script: "Ce formulaire vérifie qu’une personne le remplit, et cette vérification a besoin de JavaScript. Tant qu’il \
                   est désactivé, vous ne pouvez pas envoyer le formulaire.",
    open_form: "Ouvrir le formulaire",
    look_into_mailbox: Thanks {
        title: "Il reste une étape, dans votre messagerie",
        paragraphs: &[
            "Nous venons de vous écrire. Ouvrez cet e-mail et confirmez votre adresse\u{a0}: \
             c’est seulement ensuite que nous vous enverrons ce que vous avez demandé.",
            "Rien reçu au bout de quelques minutes\u{a0}? Regardez parmi les indésirables. Si l’adresse \
             était mal écrite, remplissez simplement le formulaire à nouveau.",
        ],
    },
    subscribed: Thanks {
        title: "Merci, c’est noté",
        paragraphs: &["Votre inscription est enregistrée. Notre premier e-mail arrive."],
    },
};

static ENGLISH: Words = Words {
    language: "en",
    email: "E-mail address",
    optional: "optional",
    choose: "Choose…",
    leave_empty: "Leave this field empty",
    send_with_magnet: "Get it by e-mail",
    send: "Sign me up",
    topics: "What you would like to get",
    step: "Step",
    next: "Continue",
    back: "Back",
    confirmation_follows: "You will first get an e-mail to confirm your address.",
    privacy: "What we do with your data",
    one_fault: "One thing is left to correct:",
    many_faults: "A few things are left to correct:",
    not_stored: "What you sent could not be stored, and it is our fault. Nothing is erased: \
                 wait a moment, then send it again.",
    too_many: "Too many forms came from your network. Nothing is erased: wait a few minutes, then send \
               it again.",
    stale: "This page is out of date. Nothing is erased: check it, then send it again.",
    unsolved: "We could not verify that a person fills in this form. Nothing is erased: do the check again, then \
               send it again.",
    needs_script: "This form checks that a person fills it in, and the check needs JavaScript. As long as it is \
                   switched off, you cannot send the form.",
    open_form: "Open the form",
    look_into_mailbox: Thanks {
        title: "One step is left, in your mailbox",
        paragraphs: &[
            "We have just written to you. Open that e-mail and confirm your address: \
             only then will we send you what you asked for.",
            "Nothing there after a few minutes? Look among the unwanted mail. If the address \
             was misspelled, just fill in the form again.",
        ],
    },
    subscribed: Thanks {
        title: "Thank you, noted",
        paragraphs: &["You are signed up. Our first e-mail is on its way."],
    },
};
