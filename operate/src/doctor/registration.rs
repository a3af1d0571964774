//! What carriers in the United States want registered, without which they block texts: campaigns and brands of A2P 10DLC,
//! toll-free numbers.

use hotline::config::Hotline;
use serde_json::Value;

use super::codes::{Code, Source};
use super::report::{Place, Report};
use super::twilio::Facts;
use crate::asked::Asked;
use crate::permissions::{Registration, campaign, is_approved, needs_campaign, verification};
use crate::toll_free;

/// Judges all numbers.
pub fn judge(facts: &Facts, hotlines: &[&Hotline], report: &mut Report) {
    let mut services = Vec::new();
    for hotline in hotlines {
        for number in hotline.numbers.iter().map(ToString::to_string) {
            let place = |field: &str| Place::new("twilio_number", field).of(hotline.api_name()).named(&number);
            if toll_free::is(&number) {
                judge_toll_free(facts.verifications.get(&number), place("status"), report);
            } else if needs_campaign(hotline, &number) {
                report.take(&facts.numbers, Source::Campaigns);
                report.take(&facts.numbers, Source::Brands);
                let read = report.take(&facts.pools, Source::Campaigns).is_some();
                report.take(&facts.pools, Source::Brands);
                match facts.pool_of(&number) {
                    _ if !read || facts.number(&number).is_none() => {}
                    None => report.find(Code::A2pUnregistered, place("messaging_service"), Value::Null, "a campaign"),
                    Some((service, _)) => {
                        let rows = facts
                            .campaigns
                            .of_services
                            .get(service)
                            .and_then(|asked| report.take(asked, Source::Campaigns));
                        let Some(rows) = rows else { continue };
                        if rows.is_empty() {
                            report.find(Code::A2pUnregistered, place("campaign_status"), Value::Null, "VERIFIED");
                        } else if !services.contains(&service) {
                            services.push(service);
                            let place = |field: &str| {
                                Place::new("twilio_messaging_service", field).of(hotline.api_name()).named(service)
                            };
                            judge_campaign(rows, facts, &place, report);
                        }
                    }
                }
            }
        }
    }
}

fn judge_campaign(rows: &[Value], facts: &Facts, place: &dyn Fn(&str) -> Place, report: &mut Report) {
    let (status, Some(row)) = campaign(rows) else { return };
    let found = row["campaign_status"].clone();
    match status {
        Registration::Done | Registration::Missing => {}
        Registration::Pending => report.find(Code::A2pPending, place("campaign_status"), found, "VERIFIED"),
        Registration::Failed => report.find(Code::A2pFailed, place("campaign_status"), found, "VERIFIED"),
    }
    let Some(brand) = row["brand_registration_sid"].as_str().and_then(|sid| facts.campaigns.brands.get(sid)) else {
        return;
    };
    if let Some(brand) = report.take(brand, Source::Brands)
        && !is_approved(brand.as_ref())
    {
        let found = brand.as_ref().map_or(Value::Null, |brand| brand["status"].clone());
        report.find(Code::A2pBrand, place("brand_registration_sid"), found, "APPROVED");
    }
}

fn judge_toll_free(asked: Option<&Asked<Vec<Value>>>, place: Place, report: &mut Report) {
    let Some(rows) = asked.and_then(|asked| report.take(asked, Source::TollFree)) else { return };
    let found = rows.first().map_or(Value::Null, |row| row["status"].clone());
    match verification(rows) {
        Registration::Done => {}
        Registration::Pending => report.find(Code::TollfreePending, place, found, "TWILIO_APPROVED"),
        Registration::Missing | Registration::Failed => {
            report.find(Code::TollfreeUnverified, place, found, "TWILIO_APPROVED");
        }
    }
}
