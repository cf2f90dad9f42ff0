//! A folder with many faults, as a person and as an editor read them.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

use std::path::Path;

fn findings() -> Vec<campaign_file::Finding> {
    campaign_file::read(Path::new("tests/fixtures/faulty")).findings
}

#[test]
fn as_text() {
    insta::assert_snapshot!(campaign_file::render(&findings(), false));
}

#[test]
fn as_json() {
    let first: Vec<_> = findings().into_iter().filter(|finding| finding.related.is_some()).collect();
    insta::assert_snapshot!(campaign_file::to_json(&first));
}

#[test]
fn colours_change_nothing_but_colours() {
    let coloured = campaign_file::render(&findings(), true);
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').expect("the end of a colour").1;
    }
    plain.push_str(rest);
    assert_eq!(plain, campaign_file::render(&findings(), false));
}
