//! Each cause that led to an e-mail, delayed it or stopped it is told.

mod support;

use domain::activity::Withdrawal;
use domain::experiment::{Experiment, Measure, Variant};
use domain::input::FeedbackKind;
use domain::organisation::{FrequencyCap, Webhook};
use domain::schedule::ClosedDay;
use domain::sequence::{Act, Step};
use domain::{Bundle, Campaign, CampaignId, Condition, InputBody, StepId, VariantId, WebhookId};
use rehearsal::why::{self, Answer, SendTold};
use rehearsal::{Answer as Carrier, Rehearsal};
use support::{Story, bundle, days, hours, infra};

fn explain(bundle: &Bundle, story: &Rehearsal<'_>, asked: Option<&str>) -> Answer {
    why::explain(bundle, &infra(), story.log(), story.now(), asked).expect("a lead")
}

/// The verdict on each e-mail of the guide, and every cause in its trace.
fn told(sends: &[SendTold]) -> String {
    let mut lines = Vec::new();
    for send in sends {
        lines.push(format!("{} {}: {}", send.step, send.state, send.verdict));
        for cause in &send.trace {
            lines.push(format!("  {}", cause.text));
            for part in cause.condition.iter().flat_map(|condition| &condition.parts) {
                lines.push(format!("    {} {} {:?}", part.source, part.holds, part.value));
            }
        }
    }
    lines.join("\n")
}

type Play = fn(&mut Story<'_>);
type Edit = fn(&mut Bundle);

#[test]
fn each_cause_is_told() {
    let cases: &[(&str, &str, Play, &[&str])] = &[
        (
            "form, confirmation, enrolled",
            "bienvenue",
            |story| {
                story.confirmed("house");
            },
            &[
                "bienvenue sent",
                "The lead submitted the form",
                "The lead confirmed",
                "It entered `guide-solaire`",
            ],
        ),
        (
            "not confirmed",
            "bienvenue",
            |story| {
                story.submit("house");
            },
            &["bienvenue not_reached: The lead has not confirmed the address yet."],
        ),
        (
            "too many confirmations",
            "confirm",
            |story| {
                for _ in 0..4 {
                    story.submit("house");
                    story.pass(hours(1));
                }
            },
            &["no further confirmation was sent: a mailbox gets at most 1 in"],
        ),
        (
            "wait",
            "etude-de-cas",
            |story| {
                story.confirmed("house");
            },
            &["etude-de-cas not_reached: It has not come to it yet", "`bienvenue-wait` waits 3 days"],
        ),
        (
            "window",
            "etude-de-cas",
            |story| {
                story.pass(days(2)); // from Monday to Wednesday: three days on it is Saturday
                story.confirmed("house");
                story.pass(days(3) + hours(12));
            },
            &[
                "etude-de-cas waiting: It waits until Mon 2026-03-09 09:00",
                "`etude-de-cas` waits until Mon 2026-03-09 09:00: its window",
            ],
        ),
        (
            "pause",
            "etude-de-cas",
            |story| {
                story.confirmed("house");
                story.prefer(&[], Some(days(10)));
                story.pass(days(4));
            },
            &["waiting: It waits until Thu 2026-03-12", "paused until", "the lead asked for a pause"],
        ),
        (
            "topic left",
            "etude-de-cas",
            |story| {
                story.confirmed("house");
                story.prefer(&["conseils"], None);
                story.pass(days(4));
            },
            &["etude-de-cas skipped: It was skipped: the lead left its topic."],
        ),
        (
            "wait_for happened",
            "relance",
            |story| {
                story.confirmed("house");
                story.pass(days(4));
                story.feedback("etude-de-cas", FeedbackKind::Click);
            },
            &[
                "relance not_reached: The sequence went another way at `etude-de-cas-wait-for`",
                "waited for `email_clicked`, and it happened",
            ],
        ),
        (
            "wait_for otherwise",
            "relance",
            |story| {
                story.confirmed("house");
                story.pass(days(9));
            },
            &[
                "relance sent",
                "`etude-de-cas-wait-for` waited for `email_clicked`, which did not happen in 4 days.",
            ],
        ),
        (
            "branch",
            "relance-alert",
            |story| {
                story.confirmed("flat");
                story.pass(days(20));
            },
            &[
                "relance-alert not_reached: The sequence went another way at `relance-if`",
                "At `relance-if`, the condition does not hold.",
                "score.total >= 40 false Some(\"8.5\")",
            ],
        ),
        (
            "goal",
            "etude-de-cas",
            |story| {
                story.confirmed("house");
                story.event("quote_requested");
            },
            &[
                "etude-de-cas not_reached: The sequence ended before",
                "quote_requested happened, which is the goal",
                "which is its goal",
            ],
        ),
        (
            "exit_when",
            "etude-de-cas",
            |story| {
                story.confirmed("house");
                story.identify("customer", domain::TraitValue::Boolean(true));
            },
            &["its `exit_when` holds", "lead.customer == true true Some(\"true\")"],
        ),
        (
            "withdrawal",
            "etude-de-cas",
            |story| {
                story.confirmed("house");
                story.apply(InputBody::Leave { through: Withdrawal::Page, visitor: Default::default() });
            },
            &["The sequence ended before", "consent was withdrawn"],
        ),
        (
            "suppression",
            "etude-de-cas",
            |story| {
                story.confirmed("house");
                story.feedback("bienvenue", FeedbackKind::Bounce { permanent: true });
            },
            &["the address is suppressed"],
        ),
        (
            "refused and tried again",
            "bienvenue",
            |story| {
                story.submit("house");
                story.answer(Carrier::Rejected { code: "Throttling".into(), retryable: true });
                story.confirm();
            },
            &["bienvenue refused", "The carrier refused it for now (Throttling); it is tried again"],
        ),
        (
            "refused for good",
            "bienvenue",
            |story| {
                story.submit("house");
                story.answer(Carrier::Rejected { code: "MessageRejected".into(), retryable: false });
                story.confirm();
            },
            &["bienvenue refused", "The carrier refused it (MessageRejected), and it was given up."],
        ),
        (
            "could not be written",
            "bienvenue",
            |story| {
                story.submit("house");
                let code = "template: campaign `guide-solaire`, e-mail `bienvenue` in `fr`: body, line 3: no";
                story.answer(Carrier::Rejected { code: code.into(), retryable: false });
                story.confirm();
            },
            &[
                "bienvenue unwritten",
                "It could not be written, and the carrier was never asked: campaign `guide-solaire`",
                "Mend the e-mail and deploy it",
            ],
        ),
        (
            "uncertain",
            "bienvenue",
            |story| {
                story.submit("house");
                story.answer(Carrier::Uncertain { code: "time_out".into() });
                story.confirm();
            },
            &["bienvenue uncertain: Nobody knows", "no clear answer (time_out)", "not sent again"],
        ),
        (
            "the claim's lease ended",
            "bienvenue",
            |story| {
                story.submit("house");
                story.answer(Carrier::Silence);
                story.confirm();
                story.pass(hours(1));
            },
            &["bienvenue uncertain", "told nothing before its lease ended"],
        ),
        (
            "being sent",
            "bienvenue",
            |story| {
                story.submit("house");
                story.answer(Carrier::Silence);
                story.confirm();
            },
            &["bienvenue being_sent"],
        ),
        (
            "another campaign's confirmation was answered",
            "pepiniere/confirm",
            |story| {
                story.submit("house");
                story.submit_to("pepiniere", "first_name", "Ada");
                story.confirm();
                story.pass(days(1));
            },
            &["confirm skipped: None was needed: the lead confirmed the address"],
        ),
        (
            "another campaign's confirmation is not answered",
            "pepiniere/confirm",
            |story| {
                story.submit("house");
                story.submit_to("pepiniere", "first_name", "Ada");
            },
            &["confirm skipped: Enough confirmations were sent"],
        ),
        (
            "an alert by its name in inboxes",
            "alert",
            |story| {
                story.confirmed("house");
            },
            &["relance-alert not_reached"],
        ),
        (
            "never entered",
            "arroser",
            |story| {
                story.confirmed("house");
            },
            &["arroser not_reached: The lead never entered `pepiniere`."],
        ),
    ];
    for (cause, asked, play, expected) in cases {
        is_told(cause, &bundle(), *play, asked, expected);
    }
}

fn is_told(cause: &str, bundle: &Bundle, play: Play, asked: &str, expected: &[&str]) {
    let mut story = Story::begin(bundle);
    play(&mut story);
    let answer = explain(bundle, &story.rehearsal, Some(asked));
    let told = told(&answer.sends);
    for text in expected {
        assert!(told.contains(text), "{cause}: expected `{text}` in\n{told}");
    }
}

#[test]
fn a_name_that_nobody_has_is_told_all_names_each_once() {
    let bundle = bundle();
    let mut story = Story::begin(&bundle);
    story.confirmed("house");
    story.submit_to("pepiniere", "first_name", "Ada");
    let log = story.rehearsal.log();
    let error = |asked| {
        why::explain(&bundle, &infra(), log, story.rehearsal.now(), Some(asked)).expect_err(asked).to_string()
    };
    let told = error("something");
    assert!(told.contains("`guide-solaire/bienvenue`") && told.contains("`pepiniere/bienvenue`"), "{told}");
    let names: Vec<&str> = told.split('`').skip(1).step_by(2).collect();
    let distinct: std::collections::BTreeSet<&&str> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "{told}");
    assert!(error("bienvenu").ends_with("write `bienvenue`"), "{}", error("bienvenu"));
}

/// The guide's second e-mail without its window.
fn at_any_time(bundle: &mut Bundle) {
    let step = guide(bundle).sequence.steps.get_mut("etude-de-cas").expect("a step");
    let Act::Send { between, .. } = &mut step.act else { panic!("it sends") };
    *between = None;
}

fn guide(bundle: &mut Bundle) -> &mut Campaign {
    bundle.campaigns.get_mut("guide-solaire").expect("a campaign")
}

/// The guide's sequence begins with another step.
fn begin_with(bundle: &mut Bundle, id: &str, act: Act) {
    let sequence = &mut guide(bundle).sequence;
    let id = StepId::parse(id).expect("an id");
    let next = sequence.first.replace(id.clone());
    sequence.steps.insert(id, Step { act, next });
}

fn gardeners(bundle: &mut Bundle) -> &mut Campaign {
    bundle.campaigns.get_mut("pepiniere").expect("a campaign")
}

#[test]
fn each_cause_that_our_own_campaigns_lack_is_told() {
    let cases: &[(&str, Edit, &str, Play, &[&str])] = &[
        (
            "quiet hours",
            at_any_time,
            "etude-de-cas",
            |story| {
                story.pass(hours(11)); // 21:00 in Paris
                story.confirmed("house");
                story.pass(days(3) + hours(1));
            },
            &[
                "etude-de-cas waiting: It waits until Fri 2026-03-06 08:00: these are quiet hours (21:00-08:00).",
            ],
        ),
        (
            "frequency cap",
            |bundle| {
                bundle.organisation.limits.per_lead = Some(FrequencyCap { count: 1, per: days(21) });
            },
            "etude-de-cas",
            |story| {
                // A first e-mail that counts, of the other campaign.
                story.submit_to("pepiniere", "garden", "petit");
                story.confirmed("house");
                story.pass(days(4));
            },
            &["etude-de-cas waiting: It waits until", "enough e-mails (the most is 1 in 3 weeks)"],
        ),
        (
            "closed day",
            |bundle| {
                at_any_time(bundle);
                let closed = ClosedDay { year: None, month: 3, day: 5 };
                bundle.organisation.limits.closed_days = vec![closed];
            },
            "etude-de-cas",
            |story| {
                story.confirmed("house");
                story.pass(days(3) + hours(1));
            },
            &["etude-de-cas waiting: It waits until Fri 2026-03-06 08:00: this is a closed day."],
        ),
        (
            "campaign paused",
            |bundle| guide(bundle).paused = true,
            "bienvenue",
            |story| {
                story.confirmed("house");
                story.pass(hours(1));
            },
            &["bienvenue waiting: It waits until", "the campaign is paused"],
        ),
        (
            "holdout",
            |bundle| begin_with(bundle, "control", Act::Holdout { lots: 1_000 }),
            "bienvenue",
            |story| story.confirmed("house"),
            &[
                "bienvenue not_reached: The sequence ended before",
                "it is one of the control group",
                "`guide-solaire/control`: the lot puts it into the control group",
            ],
        ),
        (
            "experiment, another variant",
            |bundle| begin_with(bundle, "opening", experiment("at-once", None, "later", Some("relance"))),
            "relance",
            |story| story.confirmed("house"),
            &[
                "relance not_reached: The sequence went another way at `opening`",
                "the lead has the variant `at-once`, and this is of `later`",
                "the variant at-once falls to it by lot",
            ],
        ),
        (
            "experiment, its own variant",
            |bundle| begin_with(bundle, "opening", experiment("at-once", Some("relance"), "later", None)),
            "relance",
            |story| story.confirmed("house"),
            &["relance sent", "`guide-solaire/opening`: the variant at-once falls to it by lot"],
        ),
        (
            "audience",
            |bundle| gardeners(bundle).audience = Some(condition("in_segment(\"homeowners\")")),
            "pepiniere/bienvenue",
            |story| story.confirmed("house"),
            &[
                "bienvenue sent",
                "It entered `pepiniere`: its audience came to hold.",
                "in_segment(\"homeowners\") true",
            ],
        ),
        (
            "audience that does not hold",
            |bundle| gardeners(bundle).audience = Some(condition("in_segment(\"homeowners\")")),
            "pepiniere/bienvenue",
            |story| story.confirmed("flat"),
            &[
                "bienvenue not_reached: The lead never entered `pepiniere`.",
                "The audience of `pepiniere` does not hold.",
                "in_segment(\"homeowners\") false",
            ],
        ),
        (
            "notification",
            |bundle| {
                let webhook = WebhookId::parse("crm").expect("an id");
                let address = Webhook { url: "https://crm.example/hooks".into() };
                bundle.organisation.webhooks.insert(webhook.clone(), address);
                begin_with(bundle, "tell", Act::Notify { webhook });
            },
            "tell",
            |story| story.confirmed("house"),
            &["tell sent", "The webhook took it."],
        ),
        (
            "enrol step",
            |bundle| {
                let campaign = CampaignId::parse("pepiniere").expect("an id");
                begin_with(bundle, "garden", Act::Enrol { campaign });
            },
            "pepiniere/bienvenue",
            |story| story.confirmed("flat"),
            &["bienvenue sent", "It entered `pepiniere`: an `enrol` step of another campaign said so."],
        ),
    ];
    for (cause, edit, asked, play, expected) in cases {
        let mut bundle = bundle();
        edit(&mut bundle);
        is_told(cause, &bundle, *play, asked, expected);
    }
}

fn condition(source: &str) -> Condition {
    Condition::parse(source).expect("a condition")
}

/// The first variant has nearly all lots.
fn experiment(first: &str, first_step: Option<&str>, second: &str, second_step: Option<&str>) -> Act {
    let variant = |name: &str, weight: u32, step: Option<&str>| Variant {
        id: VariantId::parse(name).expect("an id"),
        weight,
        first: step.map(|step| StepId::parse(step).expect("an id")),
    };
    Act::Experiment(Experiment {
        variants: vec![variant(first, 1_000, first_step), variant(second, 1, second_step)],
        measure: Measure::Goal,
        within: days(14),
        settled: None,
    })
}

#[test]
fn an_edited_campaign_is_told() {
    let before = bundle();
    let mut story = Story::begin(&before);
    story.confirmed("house");
    for (cause, expected, edit) in [
        (
            "step gone",
            "it is gone from the campaign, which goes on at `etude-de-cas`",
            (|bundle| {
                let campaign = bundle.campaigns.get_mut("guide-solaire").expect("a campaign");
                let gone = campaign.sequence.steps.remove("bienvenue-wait").expect("a step");
                campaign.sequence.steps.get_mut("bienvenue").expect("a step").next = gone.next;
            }) as Edit,
        ),
        ("campaign gone", "the campaign is gone", |bundle| {
            bundle.campaigns.remove("guide-solaire");
        }),
        ("sent before", "etude-de-cas skipped: It was skipped: it was sent before.", |bundle| {
            let sequence = &mut guide(bundle).sequence;
            let gone = sequence.steps.remove("bienvenue").expect("a step");
            sequence.first = gone.next;
            sequence.steps.get_mut("etude-de-cas").expect("a step").act = gone.act;
        }),
    ] {
        let mut after = before.clone();
        edit(&mut after);
        let lead = story.rehearsal.lead().expect("a lead").clone();
        let mut later = Rehearsal::of_lead(&after, lead, story.rehearsal.now());
        later.pass_until(later.now() + days(5)).expect("moves");
        let log: Vec<_> = story.rehearsal.log().iter().chain(later.log()).cloned().collect();
        let answer = why::explain(&after, &infra(), &log, later.now(), None).expect("a lead");
        let told = format!("{}\n{}", answer.standing.join("\n"), told(&answer.sends));
        assert!(told.contains(expected), "{cause}:\n{told}");
    }
}

#[test]
fn what_is_unknown_has_the_nearest_name() {
    let bundle = bundle();
    let mut story = Story::begin(&bundle);
    story.confirmed("house");
    let error =
        why::explain(&bundle, &infra(), story.rehearsal.log(), story.rehearsal.now(), Some("bienvenu"));
    assert_eq!(
        error.expect_err("no such e-mail").to_string(),
        "`bienvenu` is no e-mail, step or send of this lead; write `bienvenue`"
    );
}

#[test]
fn a_whole_lead_and_one_e_mail_as_people_read_them() {
    let bundle = bundle();
    let mut story = Story::begin(&bundle);
    story.confirmed("flat");
    story.pass(days(8));
    for _ in 0..12 {
        story.view();
    }
    story.pass(days(2));
    let shown = |text: String| text.replace(&format!("{}/", infra().display()), "infra/");
    insta::assert_snapshot!(
        "a_whole_lead",
        shown(why::to_text(&explain(&bundle, &story.rehearsal, None), false))
    );
    let one = explain(&bundle, &story.rehearsal, Some("temoignages"));
    insta::assert_snapshot!("one_e_mail", shown(why::to_text(&one, false)));
    insta::assert_snapshot!("one_e_mail_as_json", shown(why::to_json(&one)));
}
