//! What `sillon check --fix` mends, and what it leaves alone.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

mod support;

use campaign_file::mend;
use proptest::prelude::*;
use support::{CAMPAIGN, Infra, ORGANISATION, WELCOME};

/// Writes what mending gives, and tells how many mends there were.
fn write(infra: &Infra) -> usize {
    let mending = mend(infra.folder.path());
    for file in &mending.files {
        std::fs::write(&file.path, &file.after).expect("written");
    }
    mending.mended.len()
}

/// Slips, each with what must stand there after mending.
const SLIPS: &[(&str, &str, &str, &str)] = &[
    (ORGANISATION, "postal_address:", "postal_adress:", "postal_address:"),
    (ORGANISATION, "21:00-08:00", "21h-8h", "21:00-08:00"),
    (ORGANISATION, "2 per 24h", "2 every 24h", "2 per 24h"),
    (ORGANISATION, "time_zone: Europe/Paris", "time_zone: Europe/Pari", "time_zone: Europe/Paris"),
    (ORGANISATION, "score.total >= 40", "score.totl >= 40", "score.total >= 40"),
    (ORGANISATION, "housing == \"house\"", "housing == “house”", "housing == \"house\""),
    (ORGANISATION, "name: Atelier Soleil", "name: Atelier: Soleil", "name: \"Atelier: Soleil\""),
    (ORGANISATION, "name: Atelier Soleil", "name: 12", "name: \"12\""),
    (ORGANISATION, "name: Atelier Soleil", "name: @soleil", "name: \"@soleil\""),
    (CAMPAIGN, "amount: 1200", "amount: '1200'", "amount: 1200"),
    (CAMPAIGN, "double_opt_in: true", "double_opt_in: yes", "double_opt_in: true"),
    (CAMPAIGN, "currency: EUR", "currency: eur", "currency: EUR"),
    (CAMPAIGN, "sender: bonjour", "sender: bonjor", "sender: bonjour"),
    (CAMPAIGN, "send: bienvenue", "send: bienvenu", "send: bienvenue"),
    (CAMPAIGN, "send: bienvenue", "sned: bienvenue", "send: bienvenue"),
    (CAMPAIGN, "wait_for: email_clicked", "wait_for: email_clickd", "wait_for: email_clicked"),
    (CAMPAIGN, "goal: quote_requested", "goal: Quote Requested", "goal: quote_requested"),
    (CAMPAIGN, "mon-fri 09:00-18:00", "mon-fry 9h-18h", "mon-fri 09:00-18:00"),
    (CAMPAIGN, "lead.customer == true", "lead.customer = true", "lead.customer == true"),
    (CAMPAIGN, "lead.customer == true", "lead.customer == \"true\"", "lead.customer == true"),
    (CAMPAIGN, "lead.customer == true", "lead.customer and true", "lead.customer && true"),
    (CAMPAIGN, "lead.customer == true", "customer == true", "lead.customer == true"),
    (CAMPAIGN, "lead.customer == true", "occurred(email_clicked)", "occurred(\"email_clicked\")"),
    (CAMPAIGN, "lead.customer == true", "lead.housing == \"huose\"", "lead.housing == \"house\""),
    (
        CAMPAIGN,
        "[https://atelier-soleil.example]",
        "[https://atelier-soleil.example/]",
        "[https://atelier-soleil.example]",
    ),
    (WELCOME, "{{ magnet_url }}", "{{ magnet_ur }}", "{{ magnet_url }}"),
    (WELCOME, "lead.first_name | default", "lead.firstname | default", "lead.first_name | default"),
    (
        WELCOME,
        "{{ magnet_url }}",
        "{{ magnet_url }} {{ first_name }}",
        "{{ magnet_url }} {{ lead.first_name }}",
    ),
];

#[test]
fn slips_are_mended_and_nothing_else_changes() {
    for (file, good, slip, mended) in SLIPS {
        for line_end in ["\n", "\r\n"] {
            let infra = Infra::example();
            infra.replace(file, good, slip);
            let before = std::fs::read_to_string(infra.path(file)).expect("read").replace('\n', line_end);
            infra.write(file, format!("\u{feff}{before}"));
            write(&infra);
            let after = std::fs::read_to_string(infra.path(file)).expect("read");
            assert_eq!(after, format!("\u{feff}{}", before.replacen(slip, mended, 1)), "{slip}");
            assert_eq!(write(&infra), 0, "{slip} is mended again");
            let left = campaign_file::read(infra.folder.path());
            assert!(!left.has_errors(), "{slip}: {:#?}", left.findings);
        }
    }
}

#[test]
fn what_is_valid_stays_as_it_is() {
    for folder in ["tests/fixtures/example", "../../infra"] {
        let mending = mend(std::path::Path::new(folder));
        assert!(mending.files.is_empty() && mending.mended.is_empty(), "{folder}");
    }
}

#[test]
fn what_may_mean_two_things_is_left_alone() {
    for (file, good, slip) in [
        (ORGANISATION, "half_life: 30d", "half_life: 30"),
        (CAMPAIGN, "topic: conseils", "topic: actus"),
        (CAMPAIGN, "min: 1, max: 10000", "min: 10, max: 1"),
        // The right key is there as well.
        (ORGANISATION, "name: Atelier Soleil", "name: Atelier Soleil\n  nam: Soleil"),
        // A valid name of the user's own, though it comes near one of Sillon's.
        (CAMPAIGN, "goal: quote_requested", "goal: email_clickd"),
        // Another word there would not help.
        (CAMPAIGN, "lead.customer == true", "lead.= true"),
        (CAMPAIGN, "lead.customer == true", "lead.customer == is"),
    ] {
        let infra = Infra::example();
        infra.replace(file, good, slip);
        assert_eq!(write(&infra), 0, "{slip}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// However many slips meet, and whatever else is broken beside them.
    #[test]
    fn mending_twice_is_mending_once(chosen in prop::collection::vec(0..SLIPS.len(), 1..6), broken in "[a-z:\"'{} \n-]{0,6}", at in 0..400_usize) {
        let infra = Infra::example();
        for index in chosen {
            let (file, good, slip, _) = SLIPS[index];
            let text = std::fs::read_to_string(infra.path(file)).expect("read");
            infra.write(file, text.replacen(good, slip, 1));
        }
        let text = std::fs::read_to_string(infra.path(CAMPAIGN)).expect("read");
        let at = text.floor_char_boundary(at);
        infra.write(CAMPAIGN, format!("{}{broken}{}", &text[..at], &text[at..]));
        let valid = !campaign_file::read(infra.folder.path()).has_errors();
        let mends = write(&infra);
        prop_assert!(!valid || mends == 0, "a valid file was changed");
        prop_assert_eq!(write(&infra), 0);
    }
}

/// It might be another word, and leads would be mailed where they should have left.
#[test]
fn a_short_word_that_is_no_slip_of_a_key_is_left_alone() {
    for word in ["end", "sent", "get"] {
        let infra = Infra::example();
        infra.replace(CAMPAIGN, "send: bienvenue", &format!("{word}: bienvenue"));
        write(&infra);
        let after = std::fs::read_to_string(infra.path(CAMPAIGN)).expect("read");
        assert!(after.contains(&format!("{word}: bienvenue")), "{after}");
    }
}
