//! Whom an experiment counts, and what counts as a success.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

use domain::{Activity, Bundle};
use rehearsal::experiments::{Report, Tally, Verdict};
use rstest::rstest;
use serde_json::json;

/// A campaign with one experiment, `opening`, in which a lead has two days to succeed.
fn bundle(measure: &str) -> Bundle {
    let folder = tempfile::tempdir().expect("a folder");
    let emails = folder.path().join("campaigns/news/emails");
    std::fs::create_dir_all(&emails).expect("made");
    let put = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).expect("written");
    put(
        "sillon.yaml",
        "organisation: { name: A, postal_address: B, time_zone: UTC, locales: [en] }\n\
         senders: { hello: { from: hello@example.org } }\n",
    );
    put(
        "campaigns/news/campaign.yaml",
        &format!(
            "title: News\nsender: hello\ngoal: bought\n\
             form: {{ fields: {{ email: {{ type: email, required: true }} }}, \
             consent: {{ double_opt_in: false, wording: Yes. }} }}\n\
             sequence:\n- experiment: opening\n  measure: {measure}\n  within: 2d\n  variants:\n    \
             plain: {{ send: hello }}\n    late: {{ do: [ wait: 1d, {{ send: hello, id: later }} ] }}\n\
             - send: hello\n  id: after\n"
        ),
    );
    put("campaigns/news/emails/hello.en.md", "---\nsubject: Hello\n---\nHello.\n");
    let reading = campaign_file::read(folder.path());
    let findings = campaign_file::render(&reading.findings, false);
    reading.bundle.unwrap_or_else(|| panic!("{findings}"))
}

fn at(day: u32, fact: serde_json::Value) -> Activity {
    let mut activity = fact;
    activity["at"] = json!(format!("2026-03-{day:02}T09:00:00Z"));
    serde_json::from_value(activity).expect("an activity")
}

fn chosen(day: u32, variant: &str) -> Activity {
    at(day, json!({"kind": "variant_chosen", "campaign": "news", "step": "opening", "variant": variant}))
}

fn click(day: u32, step: &str, machine: bool) -> Activity {
    let send_id = "0123456789abcdef0123456789abcdef";
    at(
        day,
        json!({"kind": "email_clicked", "send_id": send_id, "campaign": "news", "step": step, "machine": machine}),
    )
}

/// The click of that day was a scanner's, as turned out then.
fn disowned(day: u32) -> Activity {
    let clicked_at = click(day, "opening-plain", false).at;
    let send_id = "0123456789abcdef0123456789abcdef";
    at(day, json!({"kind": "clicks_disowned", "send_id": send_id, "clicked_at": [clicked_at]}))
}

fn bought(day: u32) -> Activity {
    at(day, json!({"kind": "bought"}))
}

/// The report on these leads, seen on the 20th.
fn report(measure: &str, leads: &[Vec<Activity>]) -> Report {
    let bundle = bundle(measure);
    let mut tally = Tally::new(&bundle);
    leads.iter().for_each(|lead| tally.count(lead));
    let now = "2026-03-20T09:00:00Z".parse().expect("a time");
    tally.reports(now, 0.01).remove(0)
}

/// Leads and successes of `plain` and of `late`.
fn counted(report: &Report) -> [(u64, u64); 2] {
    let variants: Vec<_> = report.variants.iter().map(|variant| (variant.leads, variant.successes)).collect();
    variants.try_into().expect("two variants")
}

#[rstest]
#[case::goal_in_time("goal", vec![chosen(1, "plain"), bought(3)], [(1, 1), (0, 0)])]
#[case::goal_too_late("goal", vec![chosen(1, "plain"), bought(4)], [(1, 0), (0, 0)])]
#[case::goal_before_the_lot("goal", vec![bought(1), chosen(1, "plain")], [(1, 0), (0, 0)])]
#[case::goal_twice("goal", vec![chosen(1, "late"), bought(2), bought(2)], [(0, 0), (1, 1)])]
#[case::a_click_is_no_goal("goal", vec![chosen(1, "plain"), click(1, "opening-plain", false)], [(1, 0), (0, 0)])]
#[case::click("email_clicked", vec![chosen(1, "plain"), click(1, "opening-plain", false)], [(1, 1), (0, 0)])]
#[case::click_of_a_scanner("email_clicked", vec![chosen(1, "plain"), click(1, "opening-plain", false), disowned(1)], [(1, 0), (0, 0)])]
#[case::click_after_a_scanners("email_clicked", vec![chosen(1, "plain"), click(1, "opening-plain", false), disowned(1), click(2, "opening-plain", false)], [(1, 1), (0, 0)])]
#[case::click_in_a_block("email_clicked", vec![chosen(1, "late"), click(2, "later", false)], [(0, 0), (1, 1)])]
#[case::click_by_a_machine("email_clicked", vec![chosen(1, "plain"), click(1, "opening-plain", true)], [(1, 0), (0, 0)])]
#[case::click_in_a_later_email("email_clicked", vec![chosen(1, "plain"), click(1, "after", false)], [(1, 0), (0, 0)])]
#[case::click_in_the_other_variant("email_clicked", vec![chosen(1, "late"), click(1, "opening-plain", false)], [(0, 0), (1, 0)])]
#[case::goal_is_no_click("email_clicked", vec![chosen(1, "plain"), bought(1)], [(1, 0), (0, 0)])]
#[case::two_lots_count_once("goal", vec![chosen(1, "plain"), chosen(2, "late"), bought(2)], [(1, 1), (0, 0)])]
#[case::a_variant_that_is_gone("goal", vec![chosen(1, "gone"), bought(1)], [(0, 0), (0, 0)])]
#[case::never_came_by("goal", vec![bought(1)], [(0, 0), (0, 0)])]
fn a_lead_counts_once_and_so_does_its_success(
    #[case] measure: &str,
    #[case] lead: Vec<Activity>,
    #[case] expected: [(u64, u64); 2],
) {
    assert_eq!(counted(&report(measure, &[lead])), expected);
}

#[test]
fn who_was_given_the_settled_variant_is_not_compared() {
    let mut given = chosen(1, "plain");
    if let domain::Fact::VariantChosen { settled, .. } = &mut given.fact {
        *settled = true;
    }
    assert_eq!(counted(&report("goal", &[vec![given, bought(1)]])), [(0, 0), (0, 0)]);
}

#[test]
fn nobody_counts_before_all_had_their_time_not_even_who_succeeded_at_once() {
    let found = report("goal", &[vec![chosen(19, "plain"), bought(19)], vec![chosen(18, "plain")]]);
    assert_eq!(counted(&found), [(1, 0), (0, 0)]);
    assert_eq!(found.variants[0].too_recent, 1);
}

#[test]
fn a_store_whose_clock_was_moved_is_as_late_as_what_it_tells() {
    let later = vec![chosen(19, "plain"), bought(19), at(25, json!({"kind": "page_viewed"}))];
    assert_eq!(counted(&report("goal", &[later])), [(1, 1), (0, 0)]);
}

#[test]
fn a_winner_has_its_name() {
    let lead = |variant, buys: bool| {
        let mut lead = vec![chosen(1, variant)];
        lead.extend(buys.then(|| bought(1)));
        lead
    };
    let leads: Vec<_> =
        (0..400).map(|place| lead(["plain", "late"][place % 2], place % 2 == 1 && place % 4 == 1)).collect();
    let found = report("goal", &leads);
    assert_eq!(counted(&found), [(200, 0), (200, 100)]);
    assert_eq!(found.verdict, Verdict::Winner { variant: found.variants[1].variant.clone() });
}
