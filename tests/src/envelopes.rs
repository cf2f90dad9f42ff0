//! Events as AWS wraps them: API Gateway v2, SQS, SNS, the table's stream, the schedule, and SES's own records.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::dynamodb::Event as StreamEvent;
use aws_lambda_events::sqs::SqsEvent;
use serde_json::{Value, json};

use crate::http::{Reply, Request};

/// A request as API Gateway hands it to a function (payload format 2.0). Bodies come in base64.
pub fn api_gateway(request: &Request, route: &str) -> Value {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let agent = request.headers.get("user-agent").cloned().unwrap_or_default();
    let event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": request.headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "hello.example",
            "domainPrefix": "hello",
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.7",
                "userAgent": agent,
            },
            "requestId": "Kx1Vdh0lDoEEMlg=",
            "routeKey": route,
            "stage": "$default",
            "time": "01/Mar/2027:10:00:00 +0000",
            "timeEpoch": 1_803_895_200_000_i64,
        },
        "body": base64(&request.body),
        "isBase64Encoded": true,
    });
    must_be::<ApiGatewayV2httpRequest>(&event);
    event
}

/// The reply that a function gave to API Gateway.
pub fn api_gateway_reply(reply: &Value) -> Reply {
    let body = reply["body"].as_str().unwrap_or_default();
    let body = if reply["isBase64Encoded"] == true { unbase64(body) } else { body.as_bytes().to_vec() };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let single =
        reply["headers"].as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value)));
    let many = reply["multiValueHeaders"].as_object().into_iter().flatten();
    let many = many.filter_map(|(name, values)| Some((name.clone(), text(values.get(0)?))));
    Reply {
        status: u16::try_from(reply["statusCode"].as_u64().unwrap_or_default()).unwrap_or_default(),
        headers: single.chain(many).map(|(name, value)| (name.to_ascii_lowercase(), value)).collect(),
        body,
    }
}

/// The id of the message at that place of a batch.
pub fn message_id(place: usize) -> String {
    format!("059f36b4-87a3-44ab-83d2-{place:012}")
}

/// Messages as SQS hands them to a function.
pub fn sqs(bodies: &[String]) -> Value {
    let record = |(place, body): (usize, &String)| {
        json!({
            "messageId": message_id(place),
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1803895200000",
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": "1803895200010",
            },
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-3:123456789012:events",
            "awsRegion": "eu-west-3",
        })
    };
    let event = json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() });
    must_be::<SqsEvent>(&event);
    event
}

/// A message as SNS wraps it for SQS.
pub fn sns(message: &Value) -> String {
    json!({
        "Type": "Notification",
        "MessageId": "dc1e94d9-56c5-5e96-808d-cc7f68faa162",
        "TopicArn": "arn:aws:sns:eu-west-3:123456789012:feedback",
        "Subject": "Amazon SES Email Event Notification",
        "Message": message.to_string(),
        "Timestamp": "2027-03-01T10:00:00.000Z",
        "SignatureVersion": "1",
        "Signature": "FMG5tlZhJNHLHUXvZgtZzlk24FzVa7oX0T4P03neeXw8ZEXZx6z35j2FOTuNYShn2h0bKNC",
        "SigningCertURL": "https://sns.eu-west-3.amazonaws.com/SimpleNotificationService-56e67fcb41f6fec09b0196692625d385.pem",
        "UnsubscribeURL": "https://sns.eu-west-3.amazonaws.com/?Action=Unsubscribe",
    })
    .to_string()
}

/// A profile that asks for a nudge, as the table's stream passes it on.
pub fn stream(lead_key: &str) -> Value {
    let keys = json!({ "PK": { "S": lead_key }, "SK": { "S": "PROFILE" } });
    let event = json!({ "Records": [{
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-3",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_803_895_200,
            "Keys": keys,
            "NewImage": { "PK": { "S": lead_key }, "SK": { "S": "PROFILE" }, "nudge": { "BOOL": true } },
            "SequenceNumber": "4421584500000000017450439091",
            "SizeBytes": 26,
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-west-3:123456789012:table/leads/stream/2027-03-01T00:00:00.000",
    }] });
    must_be::<StreamEvent>(&event);
    event
}

/// The schedule's tick.
pub fn tick() -> Value {
    json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "time": "2027-03-01T10:00:00Z",
        "region": "eu-west-3",
        "resources": ["arn:aws:scheduler:eu-west-3:123456789012:schedule/default/send-nurture"],
        "detail": "{}",
    })
}

/// A click as SES tells it (SES Developer Guide, "Examples of event data").
pub fn click(message_id: &str, tags: &Value, to: &str, at: &str) -> Value {
    json!({
        "eventType": "Click",
        "click": {
            "ipAddress": "192.0.2.1",
            "link": "https://atelier-soleil.example/etude",
            "linkTags": null,
            "timestamp": at,
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0",
        },
        "mail": mail(message_id, tags, to, at),
    })
}

fn mail(message_id: &str, tags: &Value, to: &str, at: &str) -> Value {
    let tags = tags.as_object().expect("tags").iter().map(|(name, value)| (name.clone(), json!([value])));
    json!({
        "timestamp": at,
        "source": "Atelier Soleil <bonjour@atelier-soleil.example>",
        "sendingAccountId": "123456789012",
        "messageId": message_id,
        "destination": [to],
        "headersTruncated": false,
        "headers": [{ "name": "From", "value": "Atelier Soleil <bonjour@atelier-soleil.example>" }],
        "commonHeaders": { "from": ["Atelier Soleil <bonjour@atelier-soleil.example>"], "to": [to], "messageId": message_id },
        "tags": tags.collect::<serde_json::Map<_, _>>(),
    })
}

/// A fixture that AWS's own types do not read is no fixture.
fn must_be<T: serde::de::DeserializeOwned>(event: &Value) {
    if let Err(error) = serde_json::from_value::<T>(event.clone()) {
        panic!("not as AWS documents it: {error}\n{event}");
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn unbase64(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}
