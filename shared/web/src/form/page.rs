//! The hosted form: for whoever has no site, and for whoever has something to correct.

use domain::Campaign;
use domain::campaign::{Field, FieldKind, Form, FormStep};
use maud::{Markup, html};

use super::body::Posted;
use super::fault::Fault;
use super::field::field;
use super::fields::TOPICS;
use super::words::Words;
use crate::language::Language;
use crate::page::{Frame, TURNSTILE_ORIGIN, layout};

/// What the page is made of.
pub(crate) struct Sheet<'a> {
    pub campaign: &'a Campaign,
    pub form: &'a Form,
    pub language: Language<'a>,
    /// What was typed already.
    pub typed: &'a Posted,
    /// What is wrong with it.
    pub faults: &'a [Fault],
    /// What the visitor is told above all: why what was typed is not stored.
    pub notice: Option<&'static str>,
    /// Fields that the visitor does not see: names and values.
    pub hidden: &'a [(String, String)],
    /// The rest of the query that links to the other languages keep; none on a page that answers a post.
    pub switch: Option<&'a str>,
}

/// The page with the form.
pub(crate) fn page(sheet: &Sheet<'_>) -> Markup {
    let Sheet { campaign, form, language, .. } = sheet;
    let words = Words::of(language.tongue);
    let title = language.text(&campaign.title);
    let main = html! {
        h1 { (title) }
        @if let Some(notice) = sheet.notice {
            div.notice.alarm role="alert" { p { (notice) } }
        }
        @if !sheet.faults.is_empty() { (faults(sheet, words)) }
        form method="post" action=(campaign.id) accept-charset="utf-8" data-sillon=(campaign.id) {
            @if form.steps.is_empty() { @for each in &form.fields { (field(sheet, each)) } }
            @for (index, each) in form.steps.iter().enumerate() { (step(sheet, index, each)) }
            // What stands here is seen with the last step.
            div data-last { (end(sheet, words)) }
        }
        script src={ (campaign.id) "/embed.js" } defer {}
        // After ours, which may move the form: what shows the challenge is not to be moved.
        @if language.organisation.turnstile.is_some() { script src={ (TURNSTILE_ORIGIN) "/turnstile/v0/api.js" } defer {} }
    };
    layout(&Frame { language: *language, title, switch: sheet.switch }, &main)
}

/// What follows the fields: topics, what one agrees to, and the button.
fn end(sheet: &Sheet<'_>, words: &Words) -> Markup {
    let Sheet { campaign, form, language, .. } = sheet;
    html! {
        (topics(sheet, words))
        div.trap aria-hidden="true" {
            label for="_gotcha" { (words.leave_empty) }
            input type="text" id="_gotcha" name="_gotcha" tabindex="-1" autocomplete="off";
        }
        @for (name, value) in sheet.hidden { input type="hidden" name=(name) value=(value); }
        p.wording {
            (language.text(&form.consent.wording))
            @if let Some(policy) = &language.organisation.privacy_policy {
                " " a href=(policy) { (words.privacy) } "."
            }
        }
        @if let Some(turnstile) = &language.organisation.turnstile {
            div.cf-turnstile data-sitekey=(turnstile.site_key) data-language=(words.language) data-size="flexible" {}
            noscript { p.notice.alarm { (words.needs_script) } }
        }
        button type="submit" {
            @if campaign.magnet.is_some() { (words.send_with_magnet) } @else { (words.send) }
        }
        @if form.consent.double_opt_in { p.hint { (words.confirmation_follows) } }
        @if form.steps.len() > 1 {
            p.moves data-moves hidden { button.quiet type="button" data-move="back" { (words.back) } }
        }
    }
}

/// One page of the form. Without the script they stand one below the other; the buttons between them are the script's.
fn step(sheet: &Sheet<'_>, index: usize, step: &FormStep) -> Markup {
    let words = Words::of(sheet.language.tongue);
    let count = sheet.form.steps.len();
    let named = |name: &String| sheet.form.fields.iter().find(|field| field.name == *name);
    html! {
        fieldset.step data-step {
            legend { (sheet.language.text(&step.title)) }
            p.progress data-moves hidden { (words.step) " " (index + 1) " / " (count) }
            @for each in step.fields.iter().filter_map(named) { (field(sheet, each)) }
            @if index + 1 < count {
                p.moves data-moves hidden {
                    @if index > 0 { button.quiet type="button" data-move="back" { (words.back) } }
                    button type="button" data-move="next" { (words.next) }
                }
            }
        }
    }
}

/// The topics that a visitor chooses among. None is ticked beforehand: what is ticked by us is nobody's consent (Court of
/// Justice of the European Union, C-673/17).
fn topics(sheet: &Sheet<'_>, words: &Words) -> Markup {
    let Sheet { form, language, .. } = sheet;
    let chosen = sheet.typed.ticked(TOPICS).unwrap_or_default();
    let label = |topic| language.organisation.topics.get(topic).map(|label| language.text(label));
    html! {
        @if !form.topics.is_empty() {
            fieldset data-field {
                legend { (words.topics) }
                @for topic in &form.topics {
                    label.tick {
                        input type="checkbox" name=(TOPICS) value=(topic) checked[chosen.contains(&topic.as_str())];
                        span { (label(topic).filter(|label| !label.is_empty()).unwrap_or(topic.as_str())) }
                    }
                }
            }
        }
    }
}

fn faults(sheet: &Sheet<'_>, words: &Words) -> Markup {
    let shown = |name: &str| sheet.form.fields.iter().find(|field| field.name == name);
    html! {
        div.notice.alarm role="alert" {
            p { @if sheet.faults.len() == 1 { (words.one_fault) } @else { (words.many_faults) } }
            ul {
                @for fault in sheet.faults {
                    @match shown(&fault.field) {
                        Some(field) => li { a href={ "#" (field.name) } { (label(sheet, field)) } },
                        None => li { (fault.field) ": " (fault.message(sheet.form, sheet.language)) },
                    }
                }
            }
        }
    }
}

/// What the visitor reads before a field. A field without a label is called by its name.
pub(super) fn label(sheet: &Sheet<'_>, field: &Field) -> String {
    let label = sheet.language.text(&field.label);
    if !label.is_empty() {
        return label.to_owned();
    }
    if field.kind == FieldKind::Email {
        return Words::of(sheet.language.tongue).email.to_owned();
    }
    let words = field.name.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
