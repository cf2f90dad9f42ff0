//! The words of the pages behind links, in French and in English.

use crate::language::Tongue;

/// A title and what it means.
#[derive(Debug)]
pub(crate) struct Notice {
    pub title: &'static str,
    pub text: &'static str,
}

/// The texts in one language.
#[derive(Debug)]
pub(crate) struct Words {
    pub invalid: Notice,
    pub confirm: Notice,
    pub confirm_button: &'static str,
    pub not_you: &'static str,
    pub confirmed: Notice,
    pub confirmed_before: Notice,
    pub spent: Notice,
    pub to_the_form: &'static str,
    pub leave: Notice,
    pub leave_button: &'static str,
    pub left: Notice,
    pub way_back: &'static str,
    pub preferences: Notice,
    pub saved: &'static str,
    pub enough_for_today: Notice,
    pub receives_nothing: &'static str,
    pub topics: &'static str,
    pub language: &'static str,
    pub pause: &'static str,
    pub paused_until: &'static str,
    pub months: [&'static str; 12],
    pub no_pause: &'static str,
    pub two_weeks: &'static str,
    pub thirty_days: &'static str,
    pub three_months: &'static str,
    pub save_button: &'static str,
    pub rather_leave: &'static str,
    pub data: Notice,
    pub get_data: &'static str,
    pub erase_data: &'static str,
    pub link_mailed: Notice,
    pub gone: Notice,
    pub no_magnet: Notice,
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
    invalid: Notice {
        title: "Ce lien ne fonctionne pas",
        text: "Il est incomplet ou trop ancien. Ouvrez-le depuis notre e-mail le plus récent, ou remplissez le \
               formulaire à nouveau.",
    },
    confirm: Notice { title: "Confirmez votre adresse", text: "Vous avez demandé\u{a0}:" },
    confirm_button: "Je confirme",
    not_you: "Ce n’était pas vous\u{a0}? Fermez simplement cette page\u{a0}: vous ne recevrez rien.",
    confirmed: Notice {
        title: "C’est confirmé",
        text: "Merci. L’e-mail que vous avez demandé est en route.",
    },
    confirmed_before: Notice {
        title: "C’était déjà confirmé",
        text: "Tout est en ordre, vous n’avez plus rien à faire.",
    },
    spent: Notice {
        title: "Ce lien ne sert plus",
        text: "Il a déjà servi, ou un autre l’a remplacé. Remplissez le formulaire à nouveau pour en recevoir un.",
    },
    to_the_form: "Retourner au formulaire",
    leave: Notice {
        title: "Ne plus recevoir nos e-mails\u{a0}?",
        text: "Un clic suffit, et nous ne vous écrirons plus.",
    },
    leave_button: "Me désinscrire",
    left: Notice {
        title: "C’est fait",
        text: "Nous ne vous écrirons plus. Un e-mail déjà parti peut encore vous parvenir.",
    },
    way_back: "Vous avez changé d’avis\u{a0}? Le formulaire reste ouvert\u{a0}:",
    preferences: Notice {
        title: "Ce que vous recevez de nous",
        text: "Gardez ce qui vous intéresse, décochez le reste.",
    },
    saved: "C’est enregistré.",
    enough_for_today: Notice {
        title: "Revenez demain",
        text: "Ces choix ont déjà changé très souvent aujourd’hui, et restent tels quels. Vous pouvez toujours recevoir moins\u{a0}: \
               quitter des sujets, faire une pause plus longue ou vous désinscrire.",
    },
    receives_nothing: "Pour l’instant, vous ne recevez aucun e-mail de notre part. Ces choix vaudront \
                       si vous vous inscrivez à nouveau.",
    topics: "Sujets",
    language: "Langue",
    pause: "Faire une pause",
    paused_until: "Garder la pause, jusqu’au",
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    no_pause: "Pas de pause",
    two_weeks: "Deux semaines",
    thirty_days: "30 jours",
    three_months: "Trois mois",
    save_button: "Enregistrer",
    rather_leave: "Ne plus rien recevoir du tout",
    data: Notice {
        title: "Vos données",
        text: "Ce lien-ci a pu être transmis à d’autres. Pour voir ou effacer vos données, nous vous en envoyons un \
               nouveau, à votre adresse.",
    },
    get_data: "Obtenir mes données",
    erase_data: "Effacer mes données",
    link_mailed: Notice {
        title: "Regardez dans votre boîte de réception",
        text: "Nous vous envoyons un lien vers vos données, au plus une fois par jour. Il fonctionne pendant une heure. Si \
               rien n’arrive d’ici quelques minutes, écrivez-nous.",
    },
    gone: Notice {
        title: "Nous ne vous connaissons plus",
        text: "Cette adresse n’est plus chez nous\u{a0}: vous ne recevrez rien de notre part.",
    },
    no_magnet: Notice {
        title: "Ce document n’est plus là",
        text: "Répondez à l’e-mail qui vous a mené ici\u{a0}: nous vous l’enverrons.",
    },
};

static ENGLISH: Words = Words {
    invalid: Notice {
        title: "This link does not work",
        text: "It is incomplete or too old. Open it from our latest e-mail, or fill in the form again.",
    },
    confirm: Notice { title: "Confirm your address", text: "You asked for:" },
    confirm_button: "I confirm",
    not_you: "That was not you? Just close this page: you will receive nothing.",
    confirmed: Notice { title: "Confirmed", text: "Thank you. The e-mail that you asked for is on its way." },
    confirmed_before: Notice {
        title: "This was confirmed before",
        text: "Everything is in order, there is nothing left for you to do.",
    },
    spent: Notice {
        title: "This link is of no more use",
        text: "It was used before, or another one replaced it. Fill in the form again to get a new one.",
    },
    to_the_form: "Go to the form",
    leave: Notice {
        title: "No more e-mails from us?",
        text: "One click, and we will not write to you again.",
    },
    leave_button: "Unsubscribe",
    left: Notice {
        title: "Done",
        text: "We will not write to you again. An e-mail that has left already may still reach you.",
    },
    way_back: "You changed your mind? The form stays open:",
    preferences: Notice {
        title: "What you receive from us",
        text: "Keep what interests you, untick the rest.",
    },
    saved: "Saved.",
    enough_for_today: Notice {
        title: "Please come back tomorrow",
        text: "These choices were changed very often today, and stay as they are. You can receive less at any time: leave \
               topics, pause for longer, or unsubscribe.",
    },
    receives_nothing: "At the moment you receive no e-mails from us. These choices will count \
                       if you sign up again.",
    topics: "Topics",
    language: "Language",
    pause: "Take a break",
    paused_until: "Keep the break, until",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    no_pause: "No break",
    two_weeks: "Two weeks",
    thirty_days: "30 days",
    three_months: "Three months",
    save_button: "Save",
    rather_leave: "Receive nothing at all any more",
    data: Notice {
        title: "Your data",
        text: "This link may have been passed on. To see or erase your data, we send you a new one, to your address.",
    },
    get_data: "Get my data",
    erase_data: "Erase my data",
    link_mailed: Notice {
        title: "Look into your mailbox",
        text: "We send you a link to your data, at most once a day. It works for one hour. If nothing arrives within a few \
               minutes, write to us.",
    },
    gone: Notice {
        title: "We no longer know you",
        text: "This address is no longer with us: you will receive nothing from us.",
    },
    no_magnet: Notice {
        title: "This document is no longer here",
        text: "Answer the e-mail that led you here: we will send it to you.",
    },
};
