//! Reads `topics` of a form: those that the visitor chooses among.

use domain::TopicId;

use crate::reader::Reader;
use crate::rule::Rule;
use crate::sequence::topic;
use crate::yaml::Node;

/// Reads the list.
pub(super) fn read<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Vec<TopicId>> {
    let help = "write `[tips, offers]`, as declared under `topics` of `sillon.yaml`";
    let items = reader.list(node, "a list of topics", help)?;
    let mut topics = Vec::new();
    for item in items {
        let topic = topic(reader, item)?;
        if topics.contains(&topic) {
            let message = format!("the topic `{topic}` stands here twice");
            reader.error(&item.span, message, "keep one of the two").rule(Rule::DuplicateKey);
            continue;
        }
        topics.push(topic);
    }
    if items.is_empty() {
        reader
            .warning(&node.lead_in, "there is no topic to choose", "leave `topics` out, or name some")
            .rule(Rule::NoEffect);
    }
    Some(topics)
}
