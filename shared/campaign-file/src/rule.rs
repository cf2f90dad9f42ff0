//! The rules that findings break. Their ids are stable: editors and build servers remember them.

use serde::{Serialize, Serializer};

macro_rules! rules {
    ($($name:ident $id:literal $about:literal;)*) => {
        /// What kind of fault a finding is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $about] $name,)*
        }

        impl Rule {
            /// Every rule, in the order of their ids.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// In kebab case; it never changes.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }

            /// What it asks for, in a sentence.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$name => $about,)*
                }
            }
        }
    };
}

rules! {
    Condition "condition" "A condition is CEL, compares things of one kind, and is true or false.";
    ConditionSyntax "condition-syntax" "A condition is written as CEL asks: `&&`, `||`, `!`, `==`, straight quotes.";
    Contradiction "contradiction" "Two things that exclude one another do not stand together.";
    DuplicateKey "duplicate-key" "A key, name or id stands only once.";
    EmptyValue "empty-value" "What must say something is not empty.";
    InvalidName "invalid-name" "Names have the form that their kind asks for.";
    InvalidValue "invalid-value" "A value has the form that its key asks for.";
    Limit "limit" "Files, conditions and templates stay within the bounds that keep them quick to read and safe.";
    MagnetNotLinked "magnet-not-linked" "A magnet is linked to by an e-mail, in every language of it.";
    MisplacedKey "misplaced-key" "A key stands only where it has a meaning.";
    MissingFile "missing-file" "Every file that is named or needed exists and can be read.";
    MissingKey "missing-key" "Keys that are needed are there.";
    MissingLanguage "missing-language" "Texts exist in the default language, and better in all of them.";
    NoEffect "no-effect" "Nothing stands there that has no effect.";
    NotYaml "not-yaml" "A file is YAML, without tags, aliases and further documents.";
    ReservedName "reserved-name" "Sillon's own names are not taken for other things.";
    ScoreAsksItself "score-asks-itself" "The rules that make the score do not ask for it.";
    SegmentCircle "segment-circle" "Segments do not ask for one another in a circle.";
    Template "template" "A template is written as its engine asks.";
    UnknownKey "unknown-key" "Only known keys stand in a mapping.";
    UnknownName "unknown-name" "Every name is declared somewhere, or is one of Sillon's own.";
    UnreachableStep "unreachable-step" "Every step can be reached, and what it waits for can happen.";
    UnreadFile "unread-file" "Every file in a campaign's folder has a use.";
    Unwritable "unwritable" "Every e-mail can be written for every lead, whatever the lead left out.";
    WrongType "wrong-type" "A value is of the type that its key asks for.";
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
