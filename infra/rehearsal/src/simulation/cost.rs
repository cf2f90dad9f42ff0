//! Cost: what a simulated campaign would cost on AWS, by a list of prices.

use serde::Serialize;

use super::counts::Work;

/// Prices per unit, in one currency.
#[derive(Debug, Clone, PartialEq)]
pub struct Prices {
    /// ISO 4217.
    pub currency: String,
    /// A thousand e-mails by SES.
    pub ses_per_thousand: f64,
    /// A million requests to the HTTP API.
    pub api_per_million: f64,
    /// A million invocations of functions.
    pub lambda_per_million: f64,
    /// One second of a function with one gigabyte of memory.
    pub lambda_per_gb_second: f64,
    /// A million units written, of 1 KB each.
    pub dynamodb_writes_per_million: f64,
    /// A million units read, of 4 KB each.
    pub dynamodb_reads_per_million: f64,
    /// A million notifications of SES events.
    pub sns_per_million: f64,
    /// A million calls to queues.
    pub sqs_per_million: f64,
}

/// What it costs, by service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// ISO 4217.
    pub currency: String,
    /// One for each service.
    pub lines: Vec<CostLine>,
    /// Their sum.
    pub total: f64,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CostLine {
    /// Its name.
    pub service: &'static str,
    /// How many units of what.
    pub units: f64,
    /// What the units are.
    pub of: &'static str,
    /// Its cost.
    pub amount: f64,
}

/// A transaction writes a profile of some 2 KB and a record of 1 KB, at two units a KB (Amazon DynamoDB Developer Guide,
/// "Transactions"), and moves the entry of the due index, at one unit out and one in.
const UNITS_PER_COMMIT: f64 = 2.0 * (2.0 + 1.0) + 2.0;
/// Each commit follows a read of the profile.
const READS_PER_COMMIT: f64 = 1.0;
/// What a function has, in gigabytes, and how long it takes for one input, in seconds; measured, and rounded up.
const MEMORY: f64 = 0.125;
const SECONDS: f64 = 0.02;
/// Each queued message is sent, received in batches, and deleted in batches.
const QUEUE_CALLS_PER_EVENT: f64 = 1.4;

impl Prices {
    /// What the work costs.
    pub fn of(&self, work: &Work) -> Cost {
        let number = |count: u64| count as f64;
        let inputs = number(work.requests + work.feedback + work.emails);
        let per_million = |units: f64, price: f64| units / 1e6 * price;
        let writes = number(work.commits) * UNITS_PER_COMMIT;
        let reads = number(work.commits) * READS_PER_COMMIT;
        let seconds = inputs * MEMORY * SECONDS;
        let calls = number(work.feedback) * QUEUE_CALLS_PER_EVENT;
        let line = |service, units, of, amount| CostLine { service, units, of, amount };
        let lines = vec![
            line("SES", number(work.emails), "e-mails", number(work.emails) / 1e3 * self.ses_per_thousand),
            line(
                "DynamoDB",
                writes + reads,
                "units written and read",
                per_million(writes, self.dynamodb_writes_per_million)
                    + per_million(reads, self.dynamodb_reads_per_million),
            ),
            line(
                "Lambda",
                inputs,
                "invocations",
                per_million(inputs, self.lambda_per_million) + seconds * self.lambda_per_gb_second,
            ),
            line(
                "API Gateway",
                number(work.requests),
                "requests",
                per_million(number(work.requests), self.api_per_million),
            ),
            line(
                "SNS",
                number(work.feedback),
                "events",
                per_million(number(work.feedback), self.sns_per_million),
            ),
            line("SQS", calls, "calls", per_million(calls, self.sqs_per_million)),
        ];
        let total = lines.iter().map(|line| line.amount).sum();
        Cost { currency: self.currency.clone(), lines, total }
    }
}
