//! What lies in `infra/`: files that are missing, too large, unreadable or in the wrong place.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

mod support;

use std::fs;

use support::{CAMPAIGN, Infra, ORGANISATION, WELCOME};

const GUIDE: &str = "campaigns/guide-solaire/files/guide.pdf";

/// The example after a change, and the beginnings of what is found then, one line each.
#[track_caller]
fn check(change: impl FnOnce(&Infra), expected: &[&str]) {
    let infra = Infra::example();
    change(&infra);
    let found = infra.lines();
    let matches = found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected));
    assert!(matches, "expected {expected:#?}\nfound {found:#?}");
}

#[test]
fn a_missing_organisation_is_told_and_the_campaigns_are_checked_all_the_same() {
    check(
        |infra| {
            fs::remove_file(infra.path(ORGANISATION)).expect("removed");
            infra.replace(CAMPAIGN, "wait: 3d", "wait: 3x");
        },
        &[
            "campaigns/guide-solaire/campaign.yaml:28:11 (2) error: `3x` is not a duration",
            "sillon.yaml:1:1 (0) error: there is no such file",
        ],
    );
}

#[test]
fn no_campaign_is_a_warning() {
    let infra = Infra::example();
    infra.replace(ORGANISATION, r#" || occurred("quote_requested")"#, "");
    infra.replace(ORGANISATION, r#"lead.housing == "house""#, "email.free");
    infra.replace(ORGANISATION, r#"lead.housing == "house""#, "email.free");
    infra.replace(ORGANISATION, "lead.surface >= 100", "email.free");
    fs::remove_dir_all(infra.path("campaigns")).expect("removed");
    let reading = campaign_file::read(infra.folder.path());
    assert!(reading.bundle.is_some_and(|bundle| bundle.campaigns.is_empty()));
    assert_eq!(
        infra.lines(),
        ["campaigns:1:1 (0) warning: there is no campaign yet (create `campaigns/<name>/campaign.yaml`)"]
    );
}

#[test]
fn a_broken_campaign_hides_no_fault_of_another_and_makes_none_up() {
    check(
        |infra| {
            infra.write("campaigns/zweite/campaign.yaml", "title: [");
            infra.replace(
                CAMPAIGN,
                "exit_when: lead.customer",
                "exit_when: lead.of_the_second && lead.customer",
            );
            infra.replace(CAMPAIGN, "sender: bonjour", "sender: salut");
        },
        &[
            "campaigns/guide-solaire/campaign.yaml:3:9 (5) error: unknown sender `salut`",
            "campaigns/zweite/campaign.yaml:1:8 (1) error: not YAML: unclosed bracket",
        ],
    );
}

#[test]
fn a_campaigns_folder_has_a_good_name_and_a_file() {
    check(
        |infra| {
            fs::rename(infra.path("campaigns/guide-solaire"), infra.path("campaigns/Guide Solaire"))
                .expect("renamed");
            infra.write("campaigns/empty/emails/x.fr.md", "---\nsubject: s\n---\ntext\n");
            infra.write("campaigns/readme.txt", "");
            infra.write("campaigns/.hidden", "");
        },
        &[
            "campaigns/Guide Solaire:1:1 (0) error: `Guide Solaire` is not a campaign id",
            "campaigns/empty/campaign.yaml:1:1 (0) error: there is no such file",
            "campaigns/readme.txt:1:1 (0) warning: nothing reads this file",
        ],
    );
}

#[test]
fn the_other_ending_of_yaml_is_told() {
    check(
        |infra| {
            fs::rename(infra.path(CAMPAIGN), infra.path(CAMPAIGN).with_extension("yml")).expect("renamed");
            infra.replace(ORGANISATION, r#" || occurred("quote_requested")"#, "");
            infra.replace(ORGANISATION, r#"lead.housing == "house""#, "email.free");
            infra.replace(ORGANISATION, r#"lead.housing == "house""#, "email.free");
            infra.replace(ORGANISATION, "lead.surface >= 100", "email.free");
        },
        &[
            "campaigns/guide-solaire/campaign.yaml:1:1 (0) error: there is no such file (rename `campaign.yml`)",
        ],
    );
}

#[test]
fn front_matter_has_a_beginning_and_an_end() {
    check(
        |infra| infra.write(WELCOME, "Bonjour\n"),
        &["campaigns/guide-solaire/emails/bienvenue.fr.md:1:1 (7) error: the e-mail has no front matter"],
    );
    check(
        |infra| infra.write(WELCOME, "---\nsubject: Bonjour\n\nMerci.\n"),
        &["campaigns/guide-solaire/emails/bienvenue.fr.md:1:1 (3) error: the front matter has no end"],
    );
}

/// One that has words in a second language is asked for all of them; one that has none is not.
#[test]
fn a_campaign_may_speak_one_language() {
    let missing = |infra: &Infra| {
        let findings = campaign_file::read(infra.folder.path()).findings;
        findings.iter().filter(|finding| finding.message.contains("such leads read it in")).count()
    };
    let infra = Infra::example();
    assert_eq!(missing(&infra), 3);
    fs::remove_file(infra.path("campaigns/guide-solaire/emails/bienvenue.en.md")).expect("removed");
    assert_eq!(missing(&infra), 4);
    infra.replace(
        CAMPAIGN,
        "\n      en: I agree to receive the guide",
        "\n      # en: I agree to receive the guide",
    );
    assert_eq!(missing(&infra), 0);
    infra.write("campaigns/guide-solaire/emails/relance.en.md", "---\nsubject: Hello\n---\nHello.\n");
    assert_eq!(missing(&infra), 3);
}

#[test]
fn texts_are_utf_8_and_not_too_large() {
    check(
        |infra| infra.write(ORGANISATION, b"organisation:\n  name: Caf\xe9\n"),
        &["sillon.yaml:2:12 (1) error: the text is not UTF-8 here"],
    );
    check(
        |infra| infra.write(ORGANISATION, vec![b' '; 1_000_001]),
        &["sillon.yaml:1:1 (0) error: has 1000001 bytes, and 1000000 is the most that is read"],
    );
    check(|infra| infra.write(ORGANISATION, ""), &["sillon.yaml:1:1 (0) error: there is nothing in it"]);
}

#[test]
fn windows_line_ends_and_byte_order_marks_do_no_harm() {
    let infra = Infra::example();
    for file in [ORGANISATION, CAMPAIGN, WELCOME] {
        let text = fs::read_to_string(infra.path(file)).expect("read");
        infra.write(file, format!("\u{feff}{}", text.replace('\n', "\r\n")));
    }
    assert_eq!(infra.lines(), [""; 0]);
    infra.replace(WELCOME, "lead.housing", "lead.housng");
    assert!(infra.lines()[0].starts_with("campaigns/guide-solaire/emails/bienvenue.fr.md:11:12 (6)"));
}

#[test]
fn an_emails_file_is_named_by_name_and_language() {
    let email = "---\nsubject: s\n---\ntext\n";
    check(
        |infra| {
            for name in ["a.md", "a.de.md", "A.fr.md", "a.fr.txt", ".a.fr.md"] {
                infra.write(&format!("campaigns/guide-solaire/emails/{name}"), email);
            }
        },
        &[
            "campaigns/guide-solaire/emails/A.fr.md:1:1 (0) error: `A` is not an e-mail's name",
            "campaigns/guide-solaire/emails/a.de.md:1:1 (0) error: unknown language `de`",
            "campaigns/guide-solaire/emails/a.fr.txt:1:1 (0) warning: nothing reads this file",
            "campaigns/guide-solaire/emails/a.md:1:1 (0) error: the name `a.md` tells no language",
        ],
    );
}

#[test]
fn an_email_exists_in_the_default_language_and_is_sent() {
    check(
        |infra| {
            fs::remove_file(infra.path(WELCOME)).expect("removed");
            infra.write("campaigns/guide-solaire/emails/unsent.fr.md", "---\nsubject: s\n---\ntext\n");
        },
        &[
            "campaigns/guide-solaire/campaign.yaml:27:11 (9) error: the e-mail `bienvenue` lacks `fr`",
            "campaigns/guide-solaire/emails/unsent.fr.md:1:1 (0) warning: no step sends the e-mail `unsent`",
        ],
    );
}

#[test]
fn a_confirmation_of_ones_own_bears_the_link_and_not_the_magnet() {
    const CONFIRM: &str = "campaigns/guide-solaire/emails/confirm.fr.md";
    check(|infra| infra.write(CONFIRM, "---\nsubject: s\n---\n[Oui]({{ confirm_url }})\n"), &[]);
    check(
        |infra| infra.write(CONFIRM, "---\nsubject: s\n---\nOui\n"),
        &["campaigns/guide-solaire/emails/confirm.fr.md:1:1 (0) error: nobody can confirm by this e-mail"],
    );
    check(
        |infra| infra.write(CONFIRM, "---\nsubject: s\n---\n{{ confirm_url }} {{ magnet_url }}\n"),
        &["campaigns/guide-solaire/emails/confirm.fr.md:4:22 (10) error: `magnet_url` is not known before"],
    );
    check(
        |infra| infra.write(&CONFIRM.replace(".fr", ".en"), "---\nsubject: s\n---\n{{ confirm_url }}\n"),
        &["campaigns/guide-solaire/emails/confirm.en.md:1:1 (0) error: the e-mail `confirm` lacks `fr`"],
    );
}

#[test]
fn a_magnet_is_a_file_of_the_campaign_of_at_most_4_mb() {
    let place = "campaigns/guide-solaire/campaign.yaml:24:9 (15) error: ";
    check(|infra| infra.write(GUIDE, vec![1; 4_000_000]), &[]);
    check(
        |infra| infra.write(GUIDE, vec![1; 4_000_001]),
        &[&format!("{place}`files/guide.pdf` has 4000001 bytes")],
    );
    check(|infra| infra.write(GUIDE, ""), &[&format!("{place}`files/guide.pdf` is empty")]);
    #[cfg(unix)]
    check(
        |infra| {
            infra.write("secret", "secret");
            fs::remove_file(infra.path(GUIDE)).expect("removed");
            std::os::unix::fs::symlink(infra.path("secret"), infra.path(GUIDE)).expect("linked");
        },
        &[&format!("{place}`files/guide.pdf` is a link out of the campaign's folder")],
    );
}

#[test]
fn the_hash_tells_a_changed_magnet() {
    let infra = Infra::example();
    let hash = || campaign_file::read(infra.folder.path()).bundle.expect("a bundle").content_hash;
    let before = hash();
    infra.write(GUIDE, "%PDF another");
    assert_ne!(hash(), before);
}

#[test]
fn an_artifact_is_not_written_from_files_that_changed() {
    let infra = Infra::example();
    let bundle = campaign_file::read(infra.folder.path()).bundle.expect("a bundle");
    infra.write(GUIDE, "%PDF another");
    let target = tempfile::tempdir().expect("a folder");
    let written = campaign_file::write(&bundle, infra.folder.path(), target.path());
    assert!(matches!(written, Err(campaign_file::WriteError::Changed)));
}
