//! What must leave at a step of a scenario: e-mails, alerts, notifications.

use campaign_file::tree::{Content, Fields, Meaning, Node, Reader};
use campaign_file::window;
use domain::WebhookId;

use super::expected::ExpectedMail;
use super::moment::Moment;
use super::names::Names;

/// The webhooks that are told of the lead: one, a list, or `none`.
pub(super) fn webhooks<'a>(reader: Reader<'a>, node: &'a Node, names: Names<'_>) -> Option<Vec<WebhookId>> {
    let nodes = match &node.content {
        Content::List(items) => items.as_slice(),
        _ if node.text() == Some("none") => &[],
        _ => std::slice::from_ref(node),
    };
    let named = nodes.iter().map(|node| {
        let name = reader.text(node, "the name of a webhook")?;
        names.webhook(reader, &node.span, name)
    });
    named.collect()
}

/// How often sales is told.
pub(super) fn alerts(reader: Reader<'_>, node: &Node) -> Option<usize> {
    match node.scalar().map(|scalar| (scalar.meaning(), scalar.text.as_str())) {
        Some((Meaning::Boolean(told), _)) => Some(usize::from(told)),
        Some((Meaning::Text, "sales")) => Some(1),
        Some((Meaning::Text, "none")) => Some(0),
        _ => {
            reader.wrong_type(node, "`sales` or `none`", "write `alert: sales`");
            None
        }
    }
}

pub(super) fn mails<'a>(
    reader: Reader<'a>,
    fields: Fields<'a>,
    names: Names<'_>,
) -> Option<Vec<ExpectedMail>> {
    let one = fields.get("email");
    let nodes = match (one, fields.get("emails")) {
        (Some(_), Some(second)) => {
            reader.error(&second.lead_in, "`email` and `emails` say the same", "keep one of the two");
            return None;
        }
        (Some(node), None) if node.text() == Some("none") => &[],
        (Some(node), None) => std::slice::from_ref(node),
        (None, Some(node)) => reader.list(node, "a list of e-mails", "write `[first, second]`")?,
        (None, None) => &[],
    };
    let mails: Vec<Option<ExpectedMail>> = nodes.iter().map(|node| mail(reader, node, names)).collect();
    mails.into_iter().collect()
}

fn mail<'a>(reader: Reader<'a>, node: &'a Node, names: Names<'_>) -> Option<ExpectedMail> {
    let known = ["name", "at", "between", "subject", "text", "language"];
    let fields = match &node.content {
        Content::Map(_) => Some(reader.fields(node, "an e-mail", &known)?),
        _ => None,
    };
    let name_node = fields.map_or(Some(node), |fields| fields.need("name"))?;
    let name = names.email(reader, &name_node.span, reader.text(name_node, "the name of an e-mail")?)?;
    let get = |key: &str| fields.and_then(|fields| fields.get(key));
    let text = |key: &str| get(key).map_or(Some(None), |node| reader.text(node, "a text").map(Some));
    let at = get("at").map_or(Some(None), |node| reader.parsed(node, "a moment", Moment::parse).map(Some))?;
    let between = get("between").map_or(Some(None), |node| {
        let window = reader.parsed(node, "hours such as `mon-fri 09:00-18:00`", window)?;
        Some(Some((node.text().unwrap_or_default().to_owned(), window)))
    })?;
    let language = match get("language") {
        None => None,
        Some(node) => Some(names.locale(reader, &node.span, reader.text(node, "a language")?)?),
    };
    let (subject, text) = (text("subject")?.map(str::to_owned), text("text")?.map(str::to_owned));
    Some(ExpectedMail {
        place: reader.source.place(&name_node.span),
        name,
        at,
        between,
        subject,
        text,
        language,
    })
}
