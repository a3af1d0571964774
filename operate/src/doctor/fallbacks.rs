//! The documents that answer when the Worker does not.

use hotline::config::Hotline;

use super::codes::{Code, Source};
use super::report::{Place, Report};
use crate::asked::Asked;
use crate::http::{Answer, Http, side_by_side};

/// A document and whose it is.
#[derive(Clone, Debug)]
pub struct Document {
    hotline: String,
    field: String,
    address: String,
}

/// Fetches each document that a hotline names.
pub fn read(http: &Http, hotlines: &[&Hotline], report: &Report) -> Vec<(Document, Asked<Result<Answer, String>>)> {
    if !report.wants(&[Source::Fallbacks]) {
        return Vec::new();
    }
    let documents: Vec<Document> = hotlines
        .iter()
        .flat_map(|hotline| {
            let given = [("text", &hotline.fallback.text), ("voice", &hotline.fallback.voice)];
            given.into_iter().filter_map(|(name, address)| {
                Some(Document {
                    hotline: hotline.api_name().to_owned(),
                    field: format!("{}.fallback.{name}", hotline.variable),
                    address: address.clone()?,
                })
            })
        })
        .collect();
    let answers = side_by_side(&documents, |document| {
        Asked::Answered(http.send("GET", &document.address, &[], None).map_err(|none| none.0))
    });
    documents.into_iter().zip(answers).collect()
}

/// Judges them: 200 with TwiML.
pub fn judge(documents: &[(Document, Asked<Result<Answer, String>>)], report: &mut Report) {
    for (document, answer) in documents {
        let found = match report.take(answer, Source::Fallbacks) {
            Some(Ok(answer)) if answer.status == 200 && answer.text.contains("<Response") => continue,
            Some(Ok(answer)) if answer.status == 200 => "200 without TwiML".to_owned(),
            Some(Ok(answer)) => answer.status.to_string(),
            Some(Err(reason)) => reason.clone(),
            None => continue,
        };
        let place = Place::new("config", &document.field).of(&document.hotline).named(&document.address);
        report.find(Code::FallbackSilent, place, found, "200 with TwiML");
    }
}
