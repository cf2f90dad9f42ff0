//! The shape of what stands above an e-mail's text.

use super::{Kind, Shape, may, need};

pub(crate) static FRONT_MATTER: Shape = Shape {
    name: "front-matter",
    title: "the front matter",
    about: "What stands between two lines `---` above an e-mail's text.",
    keys: &[
        need(
            "subject",
            Kind::Text,
            "The subject; a template on one line.",
            "Your guide, {{ lead.first_name }}",
        ),
        may(
            "preheader",
            Kind::Text,
            "What inboxes show beside the subject.",
            "Twelve pages to halve your bills.",
        ),
    ],
    one_of: &[],
};
