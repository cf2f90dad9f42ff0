//! A lead's whole journey, told twice: to `sillon dev`, and to the five functions as they ship. Both must send the
//! same e-mails in the same order.

use tempfile::TempDir;
use tests::dev::Dev;
use tests::functions::Functions;
use tests::programs::infra;
use tests::stack::Mail;
use tests::story::{MONDAY, at, comparable, tell};

#[test]
fn the_functions_send_what_dev_sends() {
    let data = TempDir::new().expect("a folder");
    let in_dev = tell(&Dev::start(&infra(), data.path()));
    let in_functions = tell(&Functions::start(&infra(), at(MONDAY)));
    let steps =
        |mails: &[Mail]| mails.iter().map(|mail| format!("{} → {}", mail.step, mail.to)).collect::<Vec<_>>();
    assert_eq!(steps(&in_dev), steps(&in_functions));
    for (dev, functions) in in_dev.iter().zip(&in_functions) {
        // An alert tells times to the minute, which the two runs do not share.
        if dev.step != "alert" {
            assert_eq!(comparable(dev), comparable(functions));
        }
    }
}
