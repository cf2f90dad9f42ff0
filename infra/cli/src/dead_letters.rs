//! `sillon dead-letters`: the events that could not be applied, and the way back to where they are applied.

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::Context;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Format;
use crate::aws;
use crate::terminal::{count, print_line};

/// More than this nobody reads; the count is told all the same.
const MOST_SHOWN: usize = 100;
/// While they are shown they are hidden from others, in seconds.
const HIDDEN: i32 = 20;

#[derive(clap::Args)]
pub struct Arguments {
    /// The queue's name: the stack's output `SesEventsDeadQueue` or `WebEventsDeadQueue`.
    #[arg(long, value_name = "NAME")]
    queue: String,
    /// Send all of them back to the queue that they came from, once what was wrong is mended.
    #[arg(long)]
    redrive: bool,
    /// How to tell it.
    #[arg(long, default_value = "text")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = Client::new(&aws::load().await);
        let url = client.get_queue_url().queue_name(&arguments.queue).send().await;
        let url = url.map_err(|error| anyhow::Error::new(error.into_service_error())).with_context(|| {
            format!(
                "queue {} cannot be read: check its name, AWS_REGION and your credentials",
                arguments.queue
            )
        })?;
        let url = url.queue_url.unwrap_or_default();
        if arguments.redrive {
            redrive(&client, &url).await
        } else {
            show(&client, &url, arguments.format).await
        }
    })
}

async fn show(client: &Client, url: &str, format: Format) -> anyhow::Result<ExitCode> {
    let mut seen = BTreeSet::new();
    while seen.len() < MOST_SHOWN {
        let request = client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .visibility_timeout(HIDDEN)
            .wait_time_seconds(1)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
        let messages = request.send().await?.messages.unwrap_or_default();
        let fresh: Vec<&Message> = messages
            .iter()
            .filter(|message| seen.insert(message.message_id.clone().unwrap_or_default()))
            .collect();
        if fresh.is_empty() {
            break;
        }
        for message in fresh {
            tell(message, format)?;
        }
    }
    if let Format::Text = format {
        print_line(format_args!(
            "{} shown. Logs name the reason beside the same id.",
            count(seen.len(), "message")
        ))?;
    }
    Ok(ExitCode::from(u8::from(!seen.is_empty())))
}

fn tell(message: &Message, format: Format) -> anyhow::Result<()> {
    let id = message.message_id().unwrap_or_default();
    let sent = message
        .attributes()
        .and_then(|attributes| attributes.get(&MessageSystemAttributeName::SentTimestamp));
    let sent = sent.and_then(|sent| Timestamp::from_millisecond(sent.parse().ok()?).ok());
    let what = kind(message.body().unwrap_or_default());
    match format {
        Format::Json => print_line(json!({ "id": id, "sent_at": sent, "what": what })),
        Format::Text => {
            let sent = sent.map_or_else(|| "at an unknown time".to_owned(), |sent| sent.to_string());
            print_line(format_args!("{id}  {sent}  {what}"))
        }
    }
}

/// What a message is, without what it says of a person.
fn kind(body: &str) -> String {
    let parsed: Value = serde_json::from_str(body).unwrap_or_default();
    if let Some(record) = parsed["Message"].as_str() {
        let record: Value = serde_json::from_str(record).unwrap_or_default();
        let event = record["eventType"].as_str().unwrap_or("something that is no SES event");
        return format!(
            "SES tells of: {event}, e-mail {}",
            record["mail"]["messageId"].as_str().unwrap_or("unknown")
        );
    }
    match parsed["events"].as_array().or(parsed["batch"].as_array()) {
        Some(events) => format!("{} from a website, shop or CRM", count(events.len(), "event")),
        None if parsed.is_null() => "no JSON".to_owned(),
        None => "JSON of another kind".to_owned(),
    }
}

async fn redrive(client: &Client, url: &str) -> anyhow::Result<ExitCode> {
    let attributes =
        client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::QueueArn);
    let attributes = attributes.send().await?.attributes.unwrap_or_default();
    let arn = attributes.get(&QueueAttributeName::QueueArn).context("SQS tells no ARN of the queue")?;
    let task = client.start_message_move_task().source_arn(arn).send().await;
    task.map_err(|error| anyhow::Error::new(error.into_service_error()))
        .context("SQS moves nothing; is it a queue of dead letters, and does no other move run?")?;
    print_line("SQS moves them back to where they came from. Whatever fails again comes back here.")?;
    Ok(ExitCode::SUCCESS)
}
