//! What the mailer asks of SES, and what it makes of the answers.

use std::sync::{Arc, Mutex};

use app::ports::Mailer as _;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::{Builder, Config, HttpClient};
use aws_smithy_http_client::test_util::{NeverClient, capture_request};
use aws_smithy_mocks::{mock, mock_client};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use domain::input::{CarrierLimit, SendResult};
use domain::{CampaignId, LeadId, SendId};
use email::Message;
use serde_json::Value;
use ses::Mailer;

fn nurture() -> Message {
    Message {
        send_id: SendId::parse("0123456789abcdef0123456789abcdef").unwrap(),
        lead: Some(LeadId::parse("00112233445566778899aabbccddeeff").unwrap()),
        campaign: CampaignId::parse("guide-solaire").unwrap(),
        step: "bienvenue".into(),
        unproven: false,
        from: "Hélène, Soleil <helene@soleil.example.com>".into(),
        reply_to: Some("contact@soleil.example.com".into()),
        to: vec!["ada@example.com".into()],
        subject: "Votre guide est prêt ☀".into(),
        html: "<p>Voilà</p>".into(),
        text: "Voilà".into(),
        headers: vec![
            ("List-Unsubscribe".into(), "<https://sillon.example.com/u/token>".into()),
            ("List-Unsubscribe-Post".into(), "List-Unsubscribe=One-Click".into()),
        ],
    }
}

fn alert() -> Message {
    Message {
        lead: None,
        step: "alert".into(),
        reply_to: None,
        to: vec!["sales@soleil.example.com".into(), "Équipe <team@soleil.example.com>".into()],
        headers: vec![],
        ..nurture()
    }
}

fn config(http: impl HttpClient + 'static) -> Builder {
    Config::builder().with_test_defaults_v2().http_client(http)
}

fn accepted() -> HttpResponse {
    HttpResponse::new(200.try_into().unwrap(), SdkBody::from(r#"{"MessageId":"0100017f-1"}"#))
}

async fn asked(message: &Message, configuration_set: Option<&str>) -> Value {
    let (http, request) = capture_request(Some(accepted().try_into_http1x().unwrap()));
    let mailer = Mailer::new(config(http), configuration_set.map(str::to_owned));
    let answer = mailer.send(message).await;
    assert_eq!(answer, SendResult::Accepted { message_id: "0100017f-1".into() });
    let request = request.expect_request();
    assert_eq!(request.uri(), "https://email.us-east-1.amazonaws.com/v2/email/outbound-emails");
    serde_json::from_slice(request.body().bytes().unwrap()).unwrap()
}

#[tokio::test]
async fn a_nurture_email_is_asked_for_so() {
    insta::assert_json_snapshot!(asked(&nurture(), Some("sillon")).await);
}

#[tokio::test]
async fn an_alert_bears_no_lead() {
    insta::assert_json_snapshot!(asked(&alert(), None).await);
}

/// So that its bounce is known for one that anybody can have us send, also after its lead was erased.
#[tokio::test]
async fn an_email_to_an_address_that_nobody_confirmed_says_so_by_a_tag() {
    let body = asked(&Message { unproven: true, ..nurture() }, None).await;
    let tags = body["EmailTags"].as_array().unwrap();
    assert_eq!(tags.last(), Some(&serde_json::json!({ "Name": "unproven", "Value": "true" })));
}

#[tokio::test]
async fn a_value_that_is_no_tag_is_left_out() {
    for odd in ["", "bienvenue été", &"x".repeat(257)] {
        let body = asked(&Message { step: odd.to_owned(), ..nurture() }, None).await;
        let names: Vec<&str> =
            body["EmailTags"].as_array().unwrap().iter().map(|tag| tag["Name"].as_str().unwrap()).collect();
        assert_eq!(names, ["send", "lead", "campaign"], "{odd}");
    }
}

fn later(code: &str) -> SendResult {
    SendResult::Rejected { code: code.to_owned(), retryable: true }
}

fn throttled(code: &str, limit: CarrierLimit) -> SendResult {
    SendResult::Throttled { code: code.to_owned(), limit }
}

fn never(code: &str) -> SendResult {
    SendResult::Rejected { code: code.to_owned(), retryable: false }
}

fn uncertain(code: &str) -> SendResult {
    SendResult::Uncertain { code: code.to_owned() }
}

/// What comes of an e-mail that SES answers by that code and in those words.
async fn answer_to(status: u16, code: &'static str, words: &str) -> SendResult {
    let body = serde_json::json!({ "message": words }).to_string();
    let rule = mock!(Client::send_email).then_http_response(move || {
        let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.clone()));
        answer.headers_mut().insert("x-amzn-errortype", code);
        answer
    });
    let mailer = Mailer::new(mock_client!(aws_sdk_sesv2, [&rule]).config().to_builder(), None);
    mailer.send(&nurture()).await
}

#[tokio::test]
async fn every_error_of_ses_has_its_meaning() {
    let table = [
        (400, "MessageRejected", never("MessageRejected")),
        (400, "BadRequestException", never("BadRequestException")),
        (400, "SomethingNew", never("SomethingNew")),
        (400, "AccountSuspendedException", throttled("AccountSuspendedException", CarrierLimit::Paused)),
        (400, "SendingPausedException", throttled("SendingPausedException", CarrierLimit::Paused)),
        (400, "LimitExceededException", throttled("LimitExceededException", CarrierLimit::Day)),
        (400, "ThrottlingException", throttled("ThrottlingException", CarrierLimit::Rate)),
        (404, "NotFoundException", later("NotFoundException")),
        (429, "TooManyRequestsException", throttled("TooManyRequestsException", CarrierLimit::Rate)),
        (403, "ExpiredTokenException", throttled("ExpiredTokenException", CarrierLimit::Access)),
        (408, "RequestTimeoutException", uncertain("RequestTimeoutException")),
        (500, "InternalServiceErrorException", uncertain("InternalServiceErrorException")),
        (503, "ServiceUnavailableException", uncertain("ServiceUnavailableException")),
        (502, "", uncertain("HTTP 502")),
    ];
    for (status, code, expected) in table {
        let rule = mock!(Client::send_email).then_http_response(move || {
            let mut answer = HttpResponse::new(
                status.try_into().unwrap(),
                SdkBody::from(r#"{"message":"as SES puts it"}"#),
            );
            if !code.is_empty() {
                answer.headers_mut().insert("x-amzn-errortype", code);
            }
            answer
        });
        let mailer = Mailer::new(mock_client!(aws_sdk_sesv2, [&rule]).config().to_builder(), None);
        assert_eq!(mailer.send(&nurture()).await, expected, "{status} {code}");
        assert_eq!(rule.num_calls(), 1, "{status} {code}: SES is asked once");
    }
}

#[tokio::test]
async fn a_paused_account_is_no_fault_of_the_email_by_whatever_code_ses_says_so() {
    let table = [
        (
            "MessageRejected",
            "Sending paused for this account. For more information, please check the inbox of the email address \
             associated with your AWS account.",
        ),
        ("MessageRejected", "Sending suspended for this account."),
        ("BadRequestException", "Sending paused for this account."),
        ("BadRequestException", "The account is paused."),
    ];
    for (code, words) in table {
        assert_eq!(answer_to(400, code, words).await, throttled(code, CarrierLimit::Paused), "{words}");
    }
    let other = "Sending to this recipient is not possible while the list is paused.";
    assert_eq!(answer_to(400, "MessageRejected", other).await, never("MessageRejected"));
}

/// As SES and IAM put it. Whatever the words hold, the answer holds the code alone.
#[tokio::test]
async fn an_identity_that_ses_does_not_take_holds_up_that_email_alone_and_only_for_now() {
    let failed = "The following identities failed the check in region EU-WEST-1:";
    let table = [
        (
            400,
            "MessageRejected",
            format!("Email address is not verified. {failed} helene@soleil.example.com"),
        ),
        (400, "MessageRejected", format!("Email address is not verified. {failed} ada@example.com")),
        (400, "MailFromDomainNotVerifiedException", "The domain is not verified.".to_owned()),
        (
            403,
            "AccessDeniedException",
            "User `arn:aws:sts::123456789012:assumed-role/send/send' is not authorized to perform \
             `ses:SendEmail' on resource `arn:aws:ses:eu-west-1:123456789012:identity/ada@example.com'"
                .to_owned(),
        ),
    ];
    for (status, code, words) in table {
        let expected = later(&format!("identity not allowed: {code}"));
        assert_eq!(answer_to(status, code, &words).await, expected);
    }
}

#[tokio::test]
async fn the_rate_and_the_days_quota_are_told_apart_by_their_words() {
    let table = [
        ("Maximum sending rate exceeded.", CarrierLimit::Rate),
        ("Daily message quota exceeded.", CarrierLimit::Day),
    ];
    for (words, limit) in table {
        for code in ["ThrottlingException", "TooManyRequestsException", "LimitExceededException"] {
            assert_eq!(answer_to(429, code, words).await, throttled(code, limit), "{code}: {words}");
        }
    }
}

#[tokio::test(start_paused = true)]
#[expect(
    clippy::disallowed_methods,
    reason = "the test's own clock, which stands still until somebody waits"
)]
async fn an_answer_that_does_not_come_leaves_the_email_uncertain_after_ten_seconds() {
    let began = tokio::time::Instant::now();
    let mailer = Mailer::new(config(NeverClient::new()), None);
    assert_eq!(mailer.send(&nurture()).await, uncertain("Timeout"));
    assert_eq!(began.elapsed().as_secs(), 10);
}

/// How a call fails.
type Break = fn() -> ConnectorError;

/// Fails every call as it is told, and counts them.
#[derive(Debug, Clone)]
struct Broken(Break, Arc<Mutex<usize>>);

impl HttpConnector for Broken {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        *self.1.lock().unwrap() += 1;
        HttpConnectorFuture::ready(Err((self.0)()))
    }
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_the_email_uncertain_and_is_not_tried_again() {
    let table: [(Break, &str); 3] = [
        (|| ConnectorError::io("connection reset by peer".into()), "ConnectionLost"),
        (|| ConnectorError::timeout("read timed out".into()), "Timeout"),
        (
            || ConnectorError::other("connection closed before the message was complete".into(), None),
            "ConnectionLost",
        ),
    ];
    for (error, code) in table {
        let broken = Broken(error, Arc::default());
        let connector = SharedHttpConnector::new(broken.clone());
        let mailer = Mailer::new(config(http_client_fn(move |_, _| connector.clone())), None);
        assert_eq!(mailer.send(&nurture()).await, uncertain(code));
        assert_eq!(*broken.1.lock().unwrap(), 1);
    }
}

#[tokio::test]
async fn an_email_that_found_no_connection_has_not_left() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let config = Config::builder()
        .with_test_defaults_v2()
        .endpoint_url(nobody)
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    let mailer = Mailer::new(config, None);
    assert_eq!(mailer.send(&nurture()).await, later("ConnectFailure"));
}
