//! Delivers the notices of one outbox to one target, one after the other, with retries.

use std::fmt;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::StatusCode;

use crate::domain::vault::Notice;
use crate::record::{cut, escape};
use crate::server::Served;
use crate::service::{Outbox, Waiting};

use super::endpoint::Endpoint;
use super::post::{Answer, Message, post};
use super::{envelope, sns};

/// The pauses before the retries of a notice. There is one more attempt than pauses.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1600), Duration::from_millis(6400)];

/// How long one attempt may take, from the lookup of the host to the end of the response.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum number of characters of an error in a line of the log.
const LONGEST: usize = 300;

/// Where notices are sent, and in which form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// An endpoint of SNS, which receives `Publish`.
    Sns(Endpoint),
    /// A webhook, which receives what SNS sends to the subscribers of a topic.
    Webhook(Endpoint),
}

impl Target {
    fn endpoint(&self) -> &Endpoint {
        match self {
            Target::Sns(endpoint) | Target::Webhook(endpoint) => endpoint,
        }
    }

    fn message(&self, Waiting { number, notice }: &Waiting) -> Message {
        match self {
            Target::Sns(endpoint) => sns::publish(endpoint, notice),
            Target::Webhook(endpoint) => envelope::notification(endpoint, notice, *number),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.endpoint(), f)
    }
}

/// How the attempts to deliver a notice ended.
enum End {
    Sent { attempts: usize, message_id: Option<String> },
    Failed { attempts: usize, reason: String },
}

/// Delivers the notices of the outbox until the task is aborted.
pub(super) async fn deliver_all(served: Arc<Served>, outbox: Arc<Outbox>, target: Target) {
    loop {
        let waiting = outbox.first().await;
        let end = {
            let mut delivery = pin!(deliver(&served, &outbox, &target, &waiting));
            let mut discarded = pin!(outbox.until_discarded(waiting.number));
            poll_fn(|context| match discarded.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => delivery.as_mut().poll(context).map(Some),
            })
            .await
        };
        // The drop of the mock has reported everything that was in the outbox.
        let Some(end) = end.filter(|_| outbox.remove(waiting.number)) else { continue };
        let notice = describe(&waiting.notice);
        match end {
            End::Sent { attempts, message_id } => {
                let id = message_id.map_or_else(String::new, |id| format!(", message ID {id}"));
                served.report_published(&format!("published to {target}: {notice}{id}{}", retried(attempts)));
            }
            End::Failed { attempts, reason } => {
                served
                    .report_unpublished(&format!("not published to {target}: {notice}: {reason}{}", retried(attempts)));
            }
        }
    }
}

async fn deliver(served: &Served, outbox: &Outbox, target: &Target, waiting: &Waiting) -> End {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let answer = post(target.endpoint(), target.message(waiting), TIMEOUT).await;
        report_dropped(served, outbox, target);
        let (reason, is_final) = match &answer {
            Ok(answer) if answer.status.is_success() => {
                let message_id = sns::message_id(&answer.text).map(|id| cut(&escape(id), LONGEST));
                return End::Sent { attempts, message_id };
            }
            Ok(answer) => (refusal(answer), !may_succeed_later(answer.status)),
            Err(reason) => (reason.clone(), false),
        };
        let Some(pause) = PAUSES.get(attempts - 1).filter(|_| !is_final) else {
            return End::Failed { attempts, reason };
        };
        outbox.note_failure(waiting.number, &reason);
        tokio::time::sleep(*pause).await;
    }
}

/// Reports the notices that were dropped because the outbox was full.
fn report_dropped(served: &Served, outbox: &Outbox, target: &Target) {
    let dropped = outbox.take_dropped();
    if dropped > 0 {
        served.report_unpublished(&format!("not published to {target}: {}", full(dropped)));
    }
}

/// Describes notices that were dropped because the outbox was full.
pub(super) fn full(dropped: u64) -> String {
    let s = if dropped == 1 { "" } else { "s" };
    format!("{dropped} notification{s}, because {} were already waiting", super::CAPACITY)
}

/// Returns whether a retry of this response can succeed, by the rules with which SNS delivers to webhooks.
fn may_succeed_later(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

fn refusal(answer: &Answer) -> String {
    let status = answer.status.as_u16();
    match &*sns::error(&answer.text) {
        "" => format!("the endpoint answered with status {status}"),
        text => format!("the endpoint answered with status {status}: {}", cut(&escape(text), LONGEST)),
    }
}

/// Describes a notice in a line of the log.
pub(super) fn describe(notice: &Notice) -> String {
    let job = &notice.job.job.id;
    let status = notice.job.status.code().as_str();
    let topic = escape(notice.topic.as_str());
    format!("job {} of vault {:?} ({status}) for topic {topic}", job.as_str(), notice.vault.as_str())
}

fn retried(attempts: usize) -> String {
    if attempts == 1 { String::new() } else { format!(" ({attempts} attempts)") }
}
