//! Of a lead that was erased nothing is left, in no byte that `sillon dev` keeps.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use tests::dev::Dev;
use tests::dynamodb::{Requests, client};
use tests::functions::{Functions, TABLE};
use tests::http::Request;
use tests::programs::infra;
use tests::stack::Stack;
use tests::story::at;

const SECRETS: [&str; 4] = ["zelda.quince@example.com", "Zéphyrine", "+33698765432", "98 76 54 32"];

/// How a text may be written.
fn spellings(text: &str) -> Vec<Vec<u8>> {
    let encoded = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
                true => char::from(byte).to_string(),
                false => format!("%{byte:02X}"),
            })
            .collect()
    };
    let mut all = vec![text.to_owned(), text.to_lowercase(), text.to_uppercase(), encoded(text)];
    all.push(encoded(text).to_lowercase());
    all.push(
        text.chars()
            .map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", c as u32) })
            .collect(),
    );
    // In base64 a text looks different at each of three places; what surrounds it is cut away.
    for place in 0..3 {
        let padded = [vec![b'x'; place], text.as_bytes().to_vec()].concat();
        let whole = padded.len() / 3 * 3;
        let skip = if place == 0 { 0 } else { 4 };
        all.push(STANDARD.encode(&padded[..whole])[skip..].to_owned());
        all.push(URL_SAFE_NO_PAD.encode(&padded[..whole])[skip..].to_owned());
    }
    all.into_iter().map(String::into_bytes).collect()
}

/// Where a secret is found, in all files of the folder.
fn found(folder: &Path) -> Vec<String> {
    let mut places = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        if entry.path().is_dir() {
            places.extend(found(&entry.path()));
            continue;
        }
        let bytes = std::fs::read(entry.path()).expect("a file");
        for secret in SECRETS {
            for spelling in spellings(secret) {
                if bytes.windows(spelling.len()).any(|window| window == spelling) {
                    places.push(format!(
                        "{} in {}",
                        String::from_utf8_lossy(&spelling),
                        entry.path().display()
                    ));
                }
            }
        }
    }
    places
}

/// Zelda fills in a form, confirms, gets e-mails, and raises an alert.
fn live(dev: &Dev) {
    let form = [
        ("email", SECRETS[0]),
        ("first_name", SECRETS[1]),
        ("phone", SECRETS[2]),
        ("housing", "house"),
        ("surface", "140"),
    ];
    let posted = dev.send(&Request::form("/f/guide-solaire", &form));
    assert!(posted.status < 400, "{}", posted.text());
    let confirmation = dev.mails().pop().expect("an e-mail");
    dev.send(&Request::form(&confirmation.path("c"), &[]));
    let guide = dev.mails().pop().expect("an e-mail");
    dev.send(&Request::get(&guide.path("d")).header("user-agent", "Firefox/148.0"));
    dev.advance("5d");
}

#[test]
fn a_lead_that_erases_itself_is_in_no_byte_any_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let dev = Dev::start(&tests::programs::infra(), folder.path());
    live(&dev);
    let before = found(folder.path());
    assert!(before.len() > 3, "the search finds what is there: {before:#?}");
    erase_herself(&dev);
    assert_eq!(found(folder.path()), Vec::<String>::new(), "while it runs");
    dev.kill();
    assert_eq!(found(folder.path()), Vec::<String>::new(), "after it");
}

/// Zelda asks for her own data, and erases them.
fn erase_herself(dev: &Dev) {
    let preferences =
        dev.mails().into_iter().rev().find(|mail| mail.text.contains("/p/")).expect("a footer").path("p");
    dev.send(&Request::form(&preferences, &[("ask", "erase")]));
    let own = dev.mails().pop().expect("an e-mail").path("p");
    let erased = dev.send(&Request::form(&own, &[("sure", "yes")]));
    assert_eq!(erased.status, 200, "{}", erased.text());
}

#[test]
fn confirmation_links_from_before_an_erasure_confirm_nothing_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let dev = Dev::start(&tests::programs::infra(), folder.path());
    live(&dev);
    let before = dev.mails().remove(0).path("c");
    erase_herself(&dev);
    dev.send(&Request::form("/f/guide-solaire", &[("email", SECRETS[0]), ("housing", "house")]));
    dev.send(&Request::form(&before, &[]));
    assert_eq!(dev.lead(SECRETS[0])["consent"], "pending", "the old link names no request");
    let again = dev.mails().pop().expect("an e-mail").path("c");
    dev.send(&Request::form(&again, &[]));
    assert_eq!(dev.lead(SECRETS[0])["consent"], "granted");
}

#[test]
fn an_operator_erases_a_lead_and_erases_it_again_after_a_restore() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup"));
    let dev = Dev::start(&tests::programs::infra(), &data);
    live(&dev);
    dev.kill();
    std::fs::create_dir_all(&backup).expect("a folder");
    for entry in std::fs::read_dir(&data).expect("a folder").map(|entry| entry.expect("an entry")) {
        std::fs::copy(entry.path(), backup.join(entry.file_name())).expect("a copy");
    }
    let run = |arguments: &[&str], data: &Path| {
        let mut command = std::process::Command::new(tests::programs::program("sillon"));
        command.arg("erase").args(arguments).arg("--data").arg(data).output().expect("sillon runs")
    };
    let sillon = |arguments: &[&str], data: &Path| {
        let output = run(arguments, data);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    sillon(&[SECRETS[0], "--by", "Grace"], &data);
    assert_eq!(found(&data), Vec::<String>::new());
    let marks = folder.path().join("marks.jsonl");
    let told = sillon(&["--marks"], &data);
    assert!(told.contains("\"by\":\"Grace\""), "{told}");
    std::fs::write(&marks, told).expect("a file");
    let from = marks.to_str().expect("a path");
    assert!(found(&backup).len() > 3, "the backup has it");
    let dev = Dev::start(&tests::programs::infra(), &backup);
    let refused = run(&["--again", "--from", from], &backup);
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("in use by another `sillon dev`"),
        "{refused:?}"
    );
    dev.kill();
    assert_eq!(
        sillon(&["--again", "--from", from], &backup).trim(),
        "1 lead erased again, of 1 mark; 0 came back since."
    );
    assert_eq!(found(&backup), Vec::<String>::new());
    assert_eq!(
        sillon(&["--again", "--from", from], &backup).trim(),
        "0 leads erased again, of 1 mark; 0 came back since."
    );
}

/// The same on AWS: the table that a backup was restored into, and the one whose marks tell who had asked for it.
#[test]
fn a_restored_table_is_cleaned_by_the_marks_of_the_one_before() {
    // Before the time that the command goes by.
    let functions = Functions::start(&infra(), at("2025-03-03T10:00:00Z"));
    for name in ["ada", "bea"] {
        let form = json!({ "email": format!("{name}@example.com"), "housing": "flat" });
        assert_eq!(functions.send(&Request::json("/f/guide-solaire", &form)).status, 200);
    }
    let client = client(&functions.endpoint, Requests::default());
    let items = |table: &str| {
        let scan = client.scan().table_name(table).send();
        functions.wait_for(scan).expect("a scan").items.unwrap_or_default()
    };
    let store = dynamodb::Store::new(client.clone(), "restored", vec![4]);
    functions.wait_for(store.create_table()).expect("a table");
    for item in items(TABLE) {
        let put = client.put_item().table_name("restored").set_item(Some(item)).send();
        functions.wait_for(put).expect("an item");
    }
    let erase = |arguments: &[&str]| {
        let mut command = std::process::Command::new(tests::programs::program("sillon"));
        command.arg("erase").args(arguments).env("AWS_ENDPOINT_URL_DYNAMODB", &functions.endpoint);
        command
            .env("AWS_REGION", "eu-west-3")
            .env("AWS_ACCESS_KEY_ID", "a")
            .env("AWS_SECRET_ACCESS_KEY", "b");
        let output = command.output().expect("sillon runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let has = |table: &str, email: &str| format!("{:?}", items(table)).contains(email);
    erase(&["ada@example.com", "--by", "Grace", "--table", TABLE]);
    assert!(!has(TABLE, "ada@example.com") && has("restored", "ada@example.com"), "the backup has it");
    assert_eq!(
        erase(&["--again", "--table", "restored", "--from", TABLE]).trim(),
        "1 lead erased again, of 1 mark; 0 came back since."
    );
    assert!(!has("restored", "ada@example.com") && has("restored", "bea@example.com"));
}
