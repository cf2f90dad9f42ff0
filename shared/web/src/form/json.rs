//! Reads a flat JSON object as a form post: each member is a field, and a member that comes twice comes twice.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::body::{Posted, Typed, Unreadable};

/// Reads a body. Nesting of any depth is passed over without recursion.
pub(super) fn read(body: &[u8]) -> Result<Posted, Unreadable> {
    let text = std::str::from_utf8(body).map_err(|_| Unreadable::NotUtf8)?;
    let Members(members) = serde_json::from_str(text).map_err(|error| Unreadable::Json(error.to_string()))?;
    let mut posted = Posted::default();
    for (name, member) in members {
        if let Member(Some(value)) = member {
            posted.add(&name, value);
        }
    }
    Ok(posted)
}

/// An object's members in their order. A map would keep only the last of two with the same name.
struct Members(Vec<(String, Member)>);

/// A value; none for `null`.
struct Member(Option<Typed>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor { in_list: false })
    }
}

/// A text of a list; none for anything else.
struct Element(Option<String>);

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Member(value) = deserializer.deserialize_any(MemberVisitor { in_list: true })?;
        Ok(Self(value.and_then(|value| match value {
            Typed::Text(text) => Some(text),
            _ => None,
        })))
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

struct MemberVisitor {
    /// A list in a list is passed over.
    in_list: bool,
}

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true, false or null")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Member, E> {
        Ok(Member(Some(Typed::Text(text.to_owned()))))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Member, E> {
        self.visit_str(if value { "true" } else { "false" })
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Member, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Member, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Member, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_unit<E: Error>(self) -> Result<Member, E> {
        Ok(Member(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Member, A::Error> {
        if self.in_list {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Member(Some(Typed::Nested)));
        }
        let mut texts = Some(Vec::new());
        while let Some(element) = list.next_element::<Element>()? {
            texts = texts.zip(element.0).map(|(mut texts, text)| {
                texts.push(text);
                texts
            });
        }
        Ok(Member(Some(texts.map_or(Typed::Nested, Typed::List))))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Member, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member(Some(Typed::Nested)))
    }
}
