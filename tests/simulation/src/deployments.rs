//! The campaigns of the simulated world, and the edits of them that are deployed while leads are on their way.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use domain::Bundle;

/// One replacement in one file of `infra/`.
struct Edit {
    file: &'static str,
    from: &'static str,
    to: &'static str,
}

const GUIDE: &str = "campaigns/guide/campaign.yaml";
const NEWS: &str = "campaigns/news/campaign.yaml";

/// The versions after the first one, each an edit of the first.
const EDITED: [&[Edit]; 4] = [
    // A step more, a step elsewhere, a step less.
    &[
        Edit {
            file: GUIDE,
            from: "  - wait_for: email_clicked",
            to: "  - send: extra\n  - wait_for: email_clicked",
        },
        Edit { file: GUIDE, from: "    otherwise:\n      - send: reminder\n", to: "" },
        Edit { file: GUIDE, from: "      - send: voices\n", to: "" },
        Edit { file: GUIDE, from: "  - notify: crm", to: "  - send: voices\n  - notify: crm" },
    ],
    // A long wait, a step that is gone and says where to go on, an experiment that is over.
    &[
        Edit { file: GUIDE, from: "wait: 2d", to: "wait: 5d" },
        Edit { file: GUIDE, from: "  - send: case\n    between: mon-fri 09:00-18:00\n", to: "" },
        Edit { file: GUIDE, from: "exit_when:", to: "removed_steps: { case: choice }\n\nexit_when:" },
        Edit { file: NEWS, from: "measure: email_clicked", to: "measure: email_clicked\n    settled: short" },
        Edit { file: NEWS, from: "    topic: tips\n", to: "" },
    ],
    // Nothing of two campaigns leaves. Never the last version: nobody would ever move on.
    &[
        Edit { file: GUIDE, from: "goal: bought", to: "goal: bought\npaused: true" },
        Edit { file: NEWS, from: "topic: news", to: "topic: news\npaused: true" },
    ],
    // Who does nothing for some days is erased.
    &[Edit { file: "sillon.yaml", from: "limits:\n", to: "retention: 9d\n\nlimits:\n" }],
];

/// The version that is paused.
pub const PAUSED: usize = 3;

/// Every version, the first one first.
pub fn bundles() -> &'static [Bundle] {
    static BUNDLES: OnceLock<Vec<Bundle>> = OnceLock::new();
    BUNDLES.get_or_init(|| std::iter::once(&[][..]).chain(EDITED).map(version).collect())
}

fn version(edits: &[Edit]) -> Bundle {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("infra"), folder.path());
    for edit in edits {
        let path = folder.path().join(edit.file);
        let text = fs::read_to_string(&path).expect("a file");
        assert!(text.contains(edit.from), "{} lacks {:?}", edit.file, edit.from);
        fs::write(&path, text.replacen(edit.from, edit.to, 1)).expect("a file");
    }
    let reading = campaign_file::read(folder.path());
    let findings = campaign_file::render(&reading.findings, false);
    reading.bundle.unwrap_or_else(|| panic!("the campaigns of the simulation have faults:\n{findings}"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
