//! The log file: what is written is read again, and a bad line is told by its number and does not hide the others.

use std::io::Cursor;

use domain::{Activity, EmailAddress, Fact, LeadId, LeadKey};
use rehearsal::log::{Log, Reader};

fn log(address: &str, visits: usize) -> Log {
    let email = EmailAddress::parse(address).unwrap();
    let lead = LeadId::of(&LeadKey::new("a key for these tests").unwrap(), &email);
    let at = "2027-01-01T09:00:00Z".parse().unwrap();
    let created = Activity { at, fact: Fact::LeadCreated { lead: lead.clone(), email } };
    let visit = Activity { at, fact: Fact::PageViewed { url: Some("/prix".into()), title: None } };
    Log { lead, activities: [vec![created], vec![visit; visits]].concat() }
}

fn line(log: &Log) -> String {
    let mut line = Vec::new();
    log.write(&mut line).unwrap();
    String::from_utf8(line).unwrap()
}

/// What a file of that text holds, faults as text.
fn read(text: &str) -> Vec<Result<Log, String>> {
    Reader::new(Cursor::new(text)).map(|read| read.map_err(|fault| fault.to_string())).collect()
}

#[test]
fn what_is_written_is_read_again() {
    let logs = [log("ada@example.com", 3), log("grace@example.com", 0)];
    let text: String = logs.iter().map(line).collect();
    assert_eq!(read(&text), logs.clone().map(Ok));
    assert_eq!(read(text.trim_end()), logs.map(Ok), "the last line without its end");
}

#[test]
fn a_line_looks_like_this() {
    insta::assert_snapshot!(line(&log("ada@example.com", 1)), @r#"{"lead":"71c55f6ac0507b7b0d0e17b6201e151c","activities":[{"at":"2027-01-01T09:00:00Z","kind":"lead_created","lead":"71c55f6ac0507b7b0d0e17b6201e151c","email":"ada@example.com"},{"at":"2027-01-01T09:00:00Z","kind":"page_viewed","url":"/prix"}]}"#);
}

#[test]
fn every_bad_line_is_told_by_its_number_and_the_others_are_read() {
    let ada = log("ada@example.com", 1);
    let mut stranger = log("grace@example.com", 1);
    stranger.lead = ada.lead.clone();
    let mut headless = ada.clone();
    headless.activities.remove(0);
    let mut twice = ada.clone();
    twice.activities.extend(ada.activities.clone());
    let odd = line(&ada).replace("page_viewed", "email_sent");
    let cut = &line(&ada)[..80];
    let text = format!(
        "\n{}{}{}{}{odd}{cut}\n\u{fffd}\n{}",
        line(&ada),
        line(&stranger),
        line(&headless),
        line(&twice),
        line(&log("last@example.com", 0)),
    );
    let read = read(&text);
    assert_eq!(read.iter().filter(|read| read.is_ok()).count(), 2);
    let faults: Vec<String> = read.into_iter().filter_map(Result::err).collect();
    insta::assert_snapshot!(faults.join("\n"), @"
    line 3: a lead's log begins with the `lead_created` of that lead
    line 4: a lead's log begins with the `lead_created` of that lead
    line 5: a lead's log begins with `lead_created` and has it once
    line 6: not a lead's log: data did not match any variant of untagged enum Fact, at character 240
    line 7: not a lead's log: EOF while parsing a string, at character 80
    line 8: not a lead's log: expected value, at character 1
    ");
}

#[test]
fn an_endless_line_takes_no_memory() {
    use std::io::{BufReader, Read};
    let endless = BufReader::with_capacity(1 << 20, std::io::repeat(b'x').take(65 << 20));
    let text = line(&log("ada@example.com", 1));
    let all = BufReader::new(endless.chain(Cursor::new(format!("\n{text}"))));
    let read: Vec<_> = Reader::new(all).collect();
    assert_eq!(read.len(), 2);
    assert!(read[0].as_ref().is_err_and(|fault| fault.to_string().starts_with("line 1: longer than")));
    assert!(read[1].is_ok());
}
