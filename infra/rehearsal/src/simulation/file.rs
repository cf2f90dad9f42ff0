//! Reads what people write for simulations: `simulation.yaml` of a campaign, and a list of prices.

use std::path::Path;

use campaign_file::Finding;
use campaign_file::tree::{self, Content, Entry, Fields, Findings, Meaning, Node, Reader, currency_doubt};
use domain::campaign::FieldKind;
use domain::{Bundle, Campaign, EmailName, TraitValue};

use super::cost::Prices;
use super::rates::{EmailRates, Rates};

const RATES: [&str; 9] =
    ["confirm", "bounce", "open", "click", "leave", "complain", "events", "emails", "traits"];
const EMAIL: [&str; 4] = ["open", "click", "leave", "complain"];
const PRICES: [&str; 9] = [
    "currency",
    "ses_per_thousand",
    "api_per_million",
    "lambda_per_million",
    "lambda_per_gb_second",
    "dynamodb_writes_per_million",
    "dynamodb_reads_per_million",
    "sns_per_million",
    "sqs_per_million",
];
const SHARE: &str = "write a share such as `35%`";

/// Reads the rates that a file gives over those that are known without it; or what is wrong with the file.
pub fn rates(
    path: &Path,
    bundle: &Bundle,
    campaign: &Campaign,
    before: &Rates,
) -> Result<Rates, Vec<Finding>> {
    read(path, |reader, root| {
        let fields = reader.fields(root, "a simulation's rates", &RATES)?;
        let names = Names { reader, bundle, campaign };
        let mut rates = before.clone();
        set(reader, &fields, "confirm", &mut rates.confirm);
        set(reader, &fields, "bounce", &mut rates.bounce);
        names.email(&fields, &mut rates.email);
        for entry in names.entries(&fields, "events") {
            let share = share(reader, &entry.value);
            rates.events.extend(names.event(entry).zip(share));
        }
        for entry in names.entries(&fields, "emails") {
            let own = reader.fields(&entry.value, "the rates of an e-mail", &EMAIL);
            let mut email_rates = rates.email;
            own.inspect(|own| names.email(own, &mut email_rates));
            rates.emails.extend(names.email_name(entry).map(|name| (name, email_rates)));
        }
        for entry in names.entries(&fields, "traits") {
            rates.traits.extend(names.values(entry));
        }
        Some(rates)
    })
}

/// Reads a list of prices; or what is wrong with it.
pub fn prices(path: &Path) -> Result<Prices, Vec<Finding>> {
    read(path, |reader, root| {
        let fields = reader.fields(root, "a list of prices", &PRICES)?;
        let price = |key| fields.need(key).and_then(|node| reader.number(node));
        let currency = fields.need("currency").and_then(|node| {
            let code = reader.text(node, "a currency such as `EUR`")?;
            if let Some((message, help)) = currency_doubt(code) {
                reader.error(&node.span, message, help);
            }
            Some(code)
        });
        Some(Prices {
            currency: currency?.to_owned(),
            ses_per_thousand: price("ses_per_thousand")?,
            api_per_million: price("api_per_million")?,
            lambda_per_million: price("lambda_per_million")?,
            lambda_per_gb_second: price("lambda_per_gb_second")?,
            dynamodb_writes_per_million: price("dynamodb_writes_per_million")?,
            dynamodb_reads_per_million: price("dynamodb_reads_per_million")?,
            sns_per_million: price("sns_per_million")?,
            sqs_per_million: price("sqs_per_million")?,
        })
    })
}

fn read<T>(path: &Path, read: impl FnOnce(Reader<'_>, &Node) -> Option<T>) -> Result<T, Vec<Finding>> {
    let findings = Findings::default();
    let value = tree::open(path, &findings).and_then(|source| {
        let root = tree::parse(&source, 0..source.text.len(), &findings)?;
        read(Reader::alone(&source, &findings), &root)
    });
    let findings = findings.into_sorted();
    value.filter(|_| findings.is_empty()).ok_or(findings)
}

/// The names that a campaign's rates may use.
struct Names<'a> {
    reader: Reader<'a>,
    bundle: &'a Bundle,
    campaign: &'a Campaign,
}

impl<'a> Names<'a> {
    fn entries(&self, fields: &Fields<'a>, key: &str) -> &'a [Entry] {
        let node = fields.get(key);
        node.and_then(|node| self.reader.names(node, "names and shares", SHARE)).unwrap_or_default()
    }

    fn email(&self, fields: &Fields<'a>, rates: &mut EmailRates) {
        set(self.reader, fields, "open", &mut rates.open);
        set(self.reader, fields, "click", &mut rates.click);
        set(self.reader, fields, "leave", &mut rates.leave);
        set(self.reader, fields, "complain", &mut rates.complain);
        if rates.click > rates.open {
            let help = "who clicks has opened: give a larger share to `open`";
            let place =
                fields.get("click").or(fields.get("open")).map_or(&fields.node.span, |node| &node.span);
            self.reader.error(place, "more click than open", help);
        }
    }

    fn event(&self, entry: &Entry) -> Option<String> {
        if !self.bundle.declares_event(&entry.key) {
            let events = self.bundle.organisation.events.iter().map(String::as_str);
            let known = events.chain(self.campaign.goal.as_deref());
            self.reader.unknown(&entry.key_span, "event", &entry.key, known, "declare it in `sillon.yaml`");
            return None;
        }
        Some(entry.key.clone())
    }

    fn email_name(&self, entry: &Entry) -> Option<EmailName> {
        let known = self.campaign.emails.keys();
        let found = known.clone().find(|name| name.as_str() == entry.key);
        if found.is_none() {
            let known = known.map(EmailName::as_str);
            self.reader.unknown(&entry.key_span, "e-mail", &entry.key, known, "");
        }
        found.cloned()
    }

    /// The values of a field and their shares.
    fn values(&self, entry: &'a Entry) -> Option<(String, Vec<(TraitValue, f64)>)> {
        let fields = self.campaign.form.iter().flat_map(|form| &form.fields);
        let Some(field) = fields.clone().find(|field| field.name == entry.key) else {
            let known = fields.map(|field| field.name.as_str());
            self.reader.unknown(&entry.key_span, "field", &entry.key, known, "");
            return None;
        };
        let values = self.reader.names(&entry.value, "values and shares", SHARE)?;
        let values = values
            .iter()
            .filter_map(|value| Some((self.value(value, &field.kind)?, share(self.reader, &value.value)?)));
        Some((field.name.clone(), values.collect()))
    }

    fn value(&self, entry: &Entry, kind: &FieldKind) -> Option<TraitValue> {
        let text = entry.key.as_str();
        let value = match kind {
            FieldKind::Number { .. } => {
                text.parse().ok().filter(|n: &f64| n.is_finite()).map(TraitValue::Number)
            }
            FieldKind::Checkbox => text.parse().ok().map(TraitValue::Boolean),
            FieldKind::Choice { options } => {
                options.iter().any(|option| option.value == text).then(|| text.into())
            }
            kind => kind.trait_type().read(&text.into()).ok(),
        };
        if value.is_none() {
            let help = "write one that the form takes";
            self.reader.error(&entry.key_span, format!("the field does not take `{text}`"), help);
        }
        value
    }
}

fn set(reader: Reader<'_>, fields: &Fields<'_>, key: &str, rate: &mut f64) {
    if let Some(value) = fields.get(key).and_then(|node| share(reader, node)) {
        *rate = value;
    }
}

/// `35%`, or a number between 0 and 1.
fn share(reader: Reader<'_>, node: &Node) -> Option<f64> {
    let share = match &node.content {
        Content::Scalar(scalar) => match scalar.meaning() {
            Meaning::Number(number) => Some(number),
            Meaning::Text => scalar
                .text
                .strip_suffix('%')
                .and_then(|text| text.trim().parse::<f64>().ok())
                .map(|n| n / 100.0),
            _ => None,
        },
        _ => None,
    };
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    if share.is_none() {
        reader.wrong_type(node, "a share between 0% and 100%", SHARE);
    }
    share
}
