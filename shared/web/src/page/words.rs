//! The words for what did not work, in French and in English.

use crate::language::Tongue;

/// What can be the matter with any address of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing is there.
    NotFound,
    /// What came was not asked for in this way.
    MethodNotAllowed,
    /// The store failed.
    Unavailable,
    /// What came is too large.
    TooLarge,
    /// What came cannot be read.
    Unreadable,
    /// It came from a page that may not send it.
    OriginNotAllowed,
    /// A choice that is not on offer.
    NoSuchChoice,
    /// Whoever shares the network sent enough.
    TooMany,
    /// The page was shown too long ago, or nobody knows when.
    Stale,
    /// The challenge was not solved.
    Unsolved,
}

/// A title and an advice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    /// What is the matter.
    pub title: &'static str,
    /// And now.
    pub what_to_do: &'static str,
}

const fn words(title: &'static str, what_to_do: &'static str) -> Words {
    Words { title, what_to_do }
}

impl Trouble {
    /// For a visitor.
    pub fn words(self, tongue: Tongue) -> Words {
        match tongue {
            Tongue::French => self.french(),
            Tongue::English => self.english(),
        }
    }

    fn french(self) -> Words {
        match self {
            Self::NotFound => words(
                "Cette page n’existe pas",
                "Vérifiez l’adresse\u{a0}: il en manque peut-être une partie.",
            ),
            Self::MethodNotAllowed => words(
                "Cette adresse ne s’utilise pas ainsi",
                "Ouvrez-la dans un navigateur, puis utilisez le bouton de la page.",
            ),
            Self::Unavailable => words(
                "Cela n’a pas fonctionné, et c’est de notre fait",
                "Attendez quelques instants, puis rechargez la page.",
            ),
            Self::TooLarge => words(
                "Votre envoi est trop volumineux",
                "Raccourcissez vos textes et recommencez. Les fichiers ne sont pas acceptés ici.",
            ),
            Self::Unreadable => words(
                "Nous n’avons pas pu lire votre envoi",
                "Revenez au formulaire et recommencez. Si cela se répète, écrivez-nous.",
            ),
            Self::OriginNotAllowed => words(
                "Ce site ne peut pas utiliser ce formulaire",
                "La page d’où vous venez n’est pas autorisée à nous envoyer de formulaire. \
                 Vous pouvez le remplir ici, chez nous.",
            ),
            Self::NoSuchChoice => {
                words("Ce choix n’existe pas", "Revenez en arrière, rechargez la page et recommencez.")
            }
            Self::Unsolved => words(
                "Nous n’avons pas pu vérifier qu’une personne remplit ce formulaire",
                "Refaites la vérification, puis envoyez à nouveau.",
            ),
            Self::Stale => words("Cette page n’est plus à jour", "Rechargez-la et recommencez."),
            Self::TooMany => words(
                "Trop d’envois depuis votre réseau",
                "Attendez quelques minutes, puis envoyez à nouveau.",
            ),
        }
    }

    fn english(self) -> Words {
        match self {
            Self::NotFound => {
                words("This page does not exist", "Check the address: part of it may be missing.")
            }
            Self::MethodNotAllowed => words(
                "This address is not used like that",
                "Open it in a browser, then use the button on the page.",
            ),
            Self::Unavailable => {
                words("That did not work, and it is our fault", "Wait a few moments, then reload the page.")
            }
            Self::TooLarge => words(
                "What you sent is too large",
                "Shorten your texts and try again. Files are not accepted here.",
            ),
            Self::Unreadable => words(
                "We could not read what you sent",
                "Go back to the form and try again. If it happens again, write to us.",
            ),
            Self::OriginNotAllowed => words(
                "This site may not use this form",
                "The page that you come from is not allowed to send us forms. \
                 You can fill it in here, with us.",
            ),
            Self::NoSuchChoice => words("There is no such choice", "Go back, reload the page and try again."),
            Self::Unsolved => words(
                "We could not verify that a person fills in this form",
                "Do the check again, then send it again.",
            ),
            Self::Stale => words("This page is out of date", "Reload it and try again."),
            Self::TooMany => {
                words("Too many forms came from your network", "Wait a few minutes, then send it again.")
            }
        }
    }

    /// As JSON spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Unavailable => "unavailable",
            Self::TooLarge => "too_large",
            Self::Unreadable => "unreadable",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::NoSuchChoice => "no_such_choice",
            Self::TooMany => "too_many",
            Self::Stale => "stale",
            Self::Unsolved => "unsolved",
        }
    }
}

/// One sentence for whoever writes the program that asked.
pub(crate) fn message(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::NotFound => "there is nothing at this address",
        Trouble::MethodNotAllowed => {
            "this method is not allowed here; the header `Allow` names those that are"
        }
        Trouble::Unavailable => {
            "nothing was stored; send the same again after the time that `Retry-After` names"
        }
        Trouble::TooLarge => "the body is larger than 65536 bytes",
        Trouble::Unreadable => "the body cannot be read",
        Trouble::OriginNotAllowed => {
            "this origin is not among the form's `allowed_origins`; an origin of `null` comes from a sandboxed frame, \
             a file, or a page with `Referrer-Policy: no-referrer`"
        }
        Trouble::NoSuchChoice => "there is no such choice",
        Trouble::Unsolved => {
            "`cf-turnstile-response` is missing, spent, older than five minutes, or not by this site's key; each post needs \
             one of its own"
        }
        Trouble::Stale => {
            "`_shown` is more than a day old or none of ours; leave it out, or fetch the form's page anew"
        }
        Trouble::TooMany => {
            "too many posts came from this network; send the same again after the time that `Retry-After` names"
        }
    }
}
