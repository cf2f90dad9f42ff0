//! Reads a campaign: its folder, its file and its e-mails, and whether they fit one another.

use std::collections::{BTreeMap, BTreeSet};

use domain::campaign::{Budget, Campaign};
use domain::organisation::Localised;
use domain::sequence::Sequence;
use domain::{CONFIRM_STEP, CampaignId, EmailName, Locale, SenderId};

use crate::condition::Asks;
use crate::email::{self, Email};
use crate::finding::Severity;
use crate::folder::{CampaignFolder, TextFile};
use crate::organisation::event_name;
use crate::partial::Partials;
use crate::reader::Reader;
use crate::rule::Rule;
use crate::sequence::{self, Surroundings};
use crate::shape::campaign as shape;
use crate::source::Span;
use crate::yaml::Node;
use crate::{currency, entry, form, magnet, removed_steps, scoring};

/// Reads the campaign in a folder; `root` is the tree of its file, if that could be read.
pub(crate) fn read<'a>(
    reader: Option<Reader<'a>>,
    root: Option<&'a Node>,
    folder: &CampaignFolder,
    emails: &[Email<'_>],
    partials: &Partials<'_>,
) -> Option<Campaign> {
    let (reader, root) = (reader?, root?);
    let id = CampaignId::parse(folder.name.as_str());
    if let Err(fault) = &id {
        reader.findings.add_for_path(Severity::Error, &folder.path, fault.to_string(), "rename the folder");
    }
    let fields = reader.fields(root, "`campaign.yaml`", &shape::CAMPAIGN_FILE)?;
    let title = fields.need("title").and_then(|node| reader.localised(node, "a title"));
    let sender = fields.need("sender").and_then(|node| sender(reader, node));
    let topic = fields.get("topic").and_then(|node| sequence::topic(reader, node));
    let goal = fields.get("goal").and_then(|node| goal(reader, node));
    let priority = entry::priority(reader, fields.get("priority"));
    let re_entry = entry::re_entry(reader, fields.get("re_entry"));
    let budget = fields.get("budget").and_then(|node| budget(reader, node));
    let audience = fields.get("audience").map(|node| reader.condition(node, Asks::All));
    let enters_otherwise = audience.is_some() || reader.vocabulary.is_enrolled(&folder.name);
    let form_node = if enters_otherwise { fields.get("form") } else { fields.need("form") };
    let form = form_node.map(|node| form::read(reader, node, &folder.path));
    let magnet_node = fields.get("magnet");
    let magnet = magnet_node.and_then(|node| magnet::read(reader, node, &folder.path));
    let magnet_emails: BTreeSet<EmailName> =
        emails.iter().filter(|email| email.links.magnet).map(|email| email.name.clone()).collect();
    check_magnet(reader, magnet_node, emails, &magnet_emails);
    let score = fields.get("score").map(|node| scoring::of_campaign(reader, node)).unwrap_or_default();
    let names = email_names(folder);
    let languages = emails.iter().map(|email| (email.name.clone(), email.locale.clone())).collect();
    let surroundings = Surroundings {
        emails: &names,
        magnet_emails: &magnet_emails,
        goal: goal.as_deref(),
        campaign: &folder.name,
        has_magnet: magnet_node.is_some(),
        languages: &languages,
        partials,
    };
    let (sequence, sends) =
        match fields.get("sequence").map(|node| sequence::read(reader, node, surroundings)) {
            Some(read) => (read.sequence, read.sends),
            None => (Some(Sequence::default()), Vec::new()),
        };
    // Where a misspelt key may be the sequence, nobody can say what it sends.
    let sends_known = fields.get("sequence").is_some() || !reader.findings.has_error_in(reader.source);
    let no_wording = Localised::new();
    let wording = match &form {
        None => Some(&no_wording),
        Some(form) => form.as_ref().map(|form| &form.consent.wording),
    };
    check_languages(reader, emails, &sends, wording);
    check_emails(reader, emails, sends_known.then_some(&sends));
    let paused = fields.get("paused").is_some_and(|node| reader.boolean(node).unwrap_or_default());
    let removed_steps = match (fields.get("removed_steps"), &sequence) {
        (Some(node), Some(sequence)) => removed_steps::read(reader, node, sequence),
        _ => BTreeMap::new(),
    };
    let exit_when = fields.get("exit_when").and_then(|node| reader.condition(node, Asks::All));
    let mut texts: BTreeMap<EmailName, BTreeMap<Locale, _>> = BTreeMap::new();
    for email in emails {
        texts.entry(email.name.clone()).or_default().insert(email.locale.clone(), email.source.clone()?);
    }
    Some(Campaign {
        id: id.ok()?,
        title: title?,
        sender: sender?,
        topic,
        goal,
        budget,
        form: match form {
            None if enters_otherwise => None,
            form => Some(form??),
        },
        audience: match audience {
            None => None,
            Some(audience) => Some(audience?),
        },
        magnet,
        score: score.unwrap_or_default(),
        sequence: sequence?,
        exit_when,
        priority: priority?,
        re_entry: re_entry?,
        paused,
        removed_steps,
        emails: texts,
        magnet_emails,
    })
}

/// Reads the e-mails in a folder. `root` is the tree of the campaign's file, if that could be read.
pub(crate) fn emails<'a>(
    folder: &'a CampaignFolder,
    root: Option<&Node>,
    partials: &'a Partials<'a>,
    reader_of: impl Fn(&'a crate::source::Source) -> Reader<'a>,
) -> Vec<Email<'a>> {
    let has_magnet = root.map(|root| root.get("magnet").is_some());
    let read = |file: &'a TextFile| email::read(reader_of(&file.source), file, has_magnet, partials);
    folder.emails.iter().filter_map(read).collect()
}

/// The names of the e-mails that have a file, good or bad.
fn email_names(folder: &CampaignFolder) -> BTreeSet<String> {
    let stems = folder.email_names.iter().filter_map(|name| name.strip_suffix(".md"));
    stems.filter_map(|stem| stem.rsplit_once('.')).map(|(name, _)| name.to_owned()).collect()
}

fn sender<'a>(reader: Reader<'a>, node: &'a Node) -> Option<SenderId> {
    let name = reader.text(node, "a sender")?;
    let known = &reader.vocabulary.senders;
    if reader.vocabulary.has_organisation && !known.contains(name) {
        let known = known.iter().map(String::as_str);
        reader.unknown(&node.span, "sender", name, known, "declare it under `senders` of `sillon.yaml`");
        return None;
    }
    reader.id(&node.span, name, SenderId::parse)
}

fn goal<'a>(reader: Reader<'a>, node: &'a Node) -> Option<String> {
    let name = reader.text(node, "an event")?;
    event_name(reader, &node.span, name).then(|| name.to_owned())
}

fn budget<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Budget> {
    let fields = reader.fields(node, "`budget`", &shape::BUDGET)?;
    let amount = fields.need("amount").and_then(|node| {
        let amount = reader.number(node)?;
        if amount <= 0.0 {
            reader.error(&node.span, "the amount is not above zero", "write what the campaign may cost");
        }
        Some(amount)
    });
    let currency = fields.need("currency").and_then(|node| {
        let code = reader.text(node, "a currency")?;
        if !currency::is_code(code) {
            let message = format!("`{code}` is not a currency");
            let told = reader.error(&node.span, message, "write its ISO 4217 code: `EUR`");
            let meant = code.to_uppercase();
            if currency::is_code(&meant) {
                reader.rename(told, &node.span, code, &meant);
            }
        } else if let Some((message, help)) = currency::doubt(code) {
            reader.warning(&node.span, message, help);
        }
        Some(code.to_owned())
    });
    let per = fields.need("per").and_then(|node| {
        let per = reader.text(node, "a span of time")?;
        if !shape::SPANS.contains(&per) {
            reader.unknown(&node.span, "span of time", per, shape::SPANS.iter().copied(), "");
        }
        Some(per.to_owned())
    });
    Some(Budget { amount: amount?, currency: currency?, per: per? })
}

/// A magnet is carried by an e-mail, and then in all of its languages.
fn check_magnet(
    reader: Reader<'_>,
    magnet: Option<&Node>,
    emails: &[Email<'_>],
    carriers: &BTreeSet<EmailName>,
) {
    let broken = |email: &Email<'_>| reader.findings.has_error_in(email.file);
    // Without languages no e-mail could be read.
    let known = !reader.vocabulary.locales.is_empty() && !emails.iter().any(broken);
    if let Some(node) = magnet.filter(|_| carriers.is_empty() && known) {
        let help = "link to `{{ magnet_url }}` in the first e-mail of the sequence";
        reader.warning(&node.lead_in, "no e-mail carries the magnet", help).rule(Rule::MagnetNotLinked);
    }
    let lacks = |email: &&Email<'_>| carriers.contains(&email.name) && !email.links.magnet && !broken(email);
    for email in emails.iter().filter(lacks) {
        let message = format!(
            "the e-mail `{}` carries the magnet in other languages, not in `{}`",
            email.name, email.locale
        );
        Reader { source: email.file, ..reader }
            .warning(&(0..0), message, "link to `{{ magnet_url }}` here too")
            .rule(Rule::MagnetNotLinked);
    }
}

/// Every e-mail that is sent exists in the default language, and better in all that the campaign speaks. One whose
/// wording and e-mails know a single language speaks that one on purpose.
fn check_languages(
    reader: Reader<'_>,
    emails: &[Email<'_>],
    sends: &[(EmailName, Span)],
    wording: Option<&Localised>,
) {
    let Some(default) = reader.vocabulary.default_locale() else { return };
    let speaks = |locale: &Locale| {
        emails.iter().any(|email| email.locale == *locale)
            || wording.is_none_or(|wording| wording.contains_key(locale))
    };
    let others: Vec<&Locale> =
        reader.vocabulary.locales.iter().filter(|locale| *locale != default && speaks(locale)).collect();
    let mut seen: BTreeSet<&EmailName> = BTreeSet::new();
    for (name, place) in sends.iter().filter(|(name, _)| seen.insert(name)) {
        let written =
            |code: &str| emails.iter().any(|email| email.name == *name && email.locale.as_str() == code);
        let has = |locale: &Locale| locale.and_wider().any(written);
        if !emails.iter().any(|email| email.name == *name) {
            continue; // there is no such e-mail, or its file cannot be read: told already
        }
        if !has(default) {
            let message = format!("the e-mail `{name}` lacks `{default}`, the default language");
            reader
                .error(place, message, format!("create `emails/{name}.{default}.md`"))
                .rule(Rule::MissingLanguage);
        }
        for locale in others.iter().filter(|locale| !has(locale)) {
            let message = format!("the e-mail `{name}` lacks `{locale}`: such leads read it in `{default}`");
            reader
                .warning(place, message, format!("create `emails/{name}.{locale}.md`"))
                .rule(Rule::MissingLanguage);
        }
    }
}

/// Every e-mail that exists is sent, and a confirmation of the campaign's own does its work.
fn check_emails(reader: Reader<'_>, emails: &[Email<'_>], sends: Option<&Vec<(EmailName, Span)>>) {
    let Some(default) = reader.vocabulary.default_locale() else { return };
    for email in emails {
        let reader = Reader { source: email.file, ..reader };
        let start = 0..0;
        if email.name.as_str() != CONFIRM_STEP {
            if sends.is_some_and(|sends| sends.iter().all(|(name, _)| *name != email.name)) {
                let message = format!("no step sends the e-mail `{}`", email.name);
                reader
                    .warning(
                        &start,
                        message,
                        format!("add `- send: {}` to the sequence, or delete it", email.name),
                    )
                    .rule(Rule::UnreadFile);
            }
            continue;
        }
        if !email.links.confirm && !reader.findings.has_error_in(email.file) {
            let help = "link to `{{ confirm_url }}`";
            reader.error(&start, "nobody can confirm by this e-mail", help).rule(Rule::MissingKey);
        }
        if !emails.iter().any(|other| other.name == email.name && other.locale == *default) {
            let message = format!("the e-mail `confirm` lacks `{default}`, the default language");
            reader
                .error(&start, message, format!("create `emails/confirm.{default}.md`"))
                .rule(Rule::MissingLanguage);
        }
    }
}
