//! One fault at a time in scores and computed traits: the example with a single change, and what is found then.

mod support;

use support::{CAMPAIGN, Infra, ORGANISATION};

/// What is found after the change, as `line:column (length) severity: message`.
fn found(file: &str, old: &str, new: &str) -> Vec<String> {
    let infra = Infra::example();
    let unchanged = infra.lines();
    infra.replace(file, old, new);
    infra.lines().into_iter().filter(|line| !unchanged.contains(line)).collect()
}

#[test]
fn scores() {
    let cases = [
        ("  engagement:\n", "  grades: { A: 40, B: 20, C: 0 }\n  engagement:\n"),
        ("  engagement:\n", "  grades: { A: 40, B: 20 }\n  engagement:\n"),
        ("  engagement:\n", "  grades: { A: 40, B: 40, C: 0 }\n  engagement:\n"),
        ("  engagement:\n", "  grades: { A: high, B: 20, C: 0, D: -5 }\n  engagement:\n"),
        ("half_life: 30d", "linear: 90d"),
        ("half_life: 30d", "half_life: 30d\n    linear: 90d"),
        ("half_life: 30d", "linear: 3x"),
        (
            "    points:\n",
            "    groups: { web: 20 per 1d }\n    points:\n      webinar: { points: 2, group: web }\n",
        ),
        (
            "    points:\n",
            "    groups: { web: 20 per 1d }\n    points:\n      webinar: { points: 2, group: wbe }\n",
        ),
        ("    points:\n", "    groups: { web: 20 per 36h }\n    points:\n"),
        ("  mql: score.total >= 40", "  mql: grade == \"A\""),
        ("homeowners: lead.housing == \"house\"", "homeowners: grade == \"E\""),
        ("when: lead.housing == \"house\"", "when: grade == \"A\""),
    ];
    let mut report = String::new();
    for (old, new) in cases {
        report += &format!("{}\n", new.replace('\n', "⏎"));
        found(ORGANISATION, old, new).iter().for_each(|line| report += &format!("    {line}\n"));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn scores_of_campaigns() {
    let cases = [
        "score: { points: { webinar: 5 } }",
        "score: { points: { webinar: { points: 5, group: web } } }",
        "score: { engagement: { webinar: 5 } }",
        "score: { fit: [{ when: lead.housing == \"house\", points: 5, because: a home }] }",
        "score: { fit: [{ when: score.fit > 5.0, points: 5 }] }",
        "score: [5]",
    ];
    let mut report = String::new();
    for new in cases {
        report += &format!("{new}\n");
        let lines = found(CAMPAIGN, "\nsequence:", &format!("\n{new}\nsequence:"));
        lines.iter().for_each(|line| report += &format!("    {line}\n"));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn computed_traits() {
    let cases = [
        "saving: { type: number, compute: lead.surface * 0.8 }",
        "saving: { type: boolean, compute: lead.surface * 0.8 }",
        "saving: { type: text, compute: lead.housing + email.domain }",
        "saving: { type: number, compute: lead.surfac * 0.8 }",
        "saving: { type: number, compute: score.total * 0.8 }",
        "saving: { type: number, compute: 'days_since(\"form_submitted\")' }",
        "saving: { type: text, compute: stage }",
        "saving: { type: number, compute: lead.surface * }",
        "saving: { type: number, compute: 12 }",
        "saving: { type: number, compute: lead.other + 1.0 }\n  other: { type: number, compute: lead.surface * 2.0 }",
        "surface: { type: number, compute: lead.housing.size() }",
        "saving: { type: number, formula: lead.surface }",
    ];
    let mut report = String::new();
    for new in cases {
        report += &format!("{}\n", new.replace('\n', "⏎"));
        let old = "customer: { type: boolean }";
        let lines = found(ORGANISATION, old, &format!("{old}\n  {new}"));
        lines.iter().for_each(|line| report += &format!("    {line}\n"));
    }
    insta::assert_snapshot!(report);
}

/// A campaign without a form says who enters it.
#[test]
fn audiences() {
    let infra = Infra::example();
    let campaign = "title: On se revoit ?\nsender: bonjour\naudience: in_segment(\"gone_quiet\")\nsequence:\n  - alert: sales\n";
    infra.write("campaigns/win-back/campaign.yaml", campaign);
    let bundle = campaign_file::read(infra.folder.path()).bundle.expect("a bundle");
    let win_back = bundle.campaigns.values().find(|campaign| campaign.id.as_str() == "win-back");
    let win_back = win_back.expect("the campaign");
    assert!(win_back.form.is_none() && win_back.audience.is_some());
    let mut report = String::new();
    for (old, new) in [
        ("audience: in_segment(\"gone_quiet\")\n", ""),
        ("gone_quiet", "gone_quite"),
        ("in_segment(\"gone_quiet\")", "score.total"),
        ("in_segment(\"gone_quiet\")", "[a]"),
    ] {
        infra.write("campaigns/win-back/campaign.yaml", campaign.replacen(old, new, 1));
        report += &format!("{}  →  {}\n", old.trim_end(), new);
        infra.lines().iter().for_each(|line| report += &format!("    {line}\n"));
    }
    insta::assert_snapshot!(report);
}
