//! What carriers of the United States want registered: campaigns and brands of A2P 10DLC, toll-free numbers (Twilio, Usa2p,
//! BrandRegistrations and Tollfree Verifications resources).

use serde_json::{Value, json};

use super::Twilio;
use super::api::{Pairs, only};
use super::json::{ApiError, respond, rfc3339, v1_page};
use super::messaging_services::HOST;
use super::numbers::sid_of;
use crate::http::Response;

/// A campaign, which a Messaging Service has for the numbers in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// `PENDING`, `IN_PROGRESS`, `VERIFIED`, `FAILED` or `SUSPENDED`.
    pub status: String,
    /// `BN…`, one of the account's brands.
    pub brand: String,
}

impl Twilio {
    /// `v1/Services/{MG}/Compliance/Usa2p`.
    pub(super) fn campaigns(&self, path: &str, service: &str, query: &Pairs) -> Response {
        let campaign = self.settings.service(service).and_then(|it| it.campaign.as_ref());
        let rows: Vec<_> = campaign.iter().map(|it| self.campaign_json(service, it)).collect();
        v1_page(HOST, "compliance", &rows, path, query)
    }

    fn campaign_json(&self, service: &str, campaign: &Campaign) -> Value {
        let (sid, date) = (sid_of("QE", service), rfc3339(0));
        json!({
            "account_sid": self.settings.account_sid, "brand_registration_sid": campaign.brand, "campaign_id": null,
            "campaign_status": campaign.status, "date_created": date, "date_updated": date, "description": "Voter hotline",
            "errors": [], "has_embedded_links": false, "has_embedded_phone": false, "is_externally_registered": false,
            "message_samples": ["Your polling place is open until 8 pm."], "messaging_service_sid": service, "mock": false,
            "rate_limits": null, "sid": sid, "us_app_to_person_usecase": "CHARITY",
            "url": format!("{HOST}/v1/Services/{service}/Compliance/Usa2p/{sid}"),
        })
    }

    /// `v1/a2p/BrandRegistrations/{BN}`.
    pub(super) fn brand(&self, path: &str, sid: &str, method: &str) -> Result<Response, ApiError> {
        only(method, "GET", path)?;
        let status = self.settings.brands.get(sid).ok_or_else(|| ApiError::not_found(path))?;
        let date = rfc3339(0);
        Ok(respond(
            200,
            &json!({
                "a2p_profile_bundle_sid": null, "account_sid": self.settings.account_sid, "brand_feedback": null,
                "brand_score": null, "brand_type": "STANDARD", "customer_profile_bundle_sid": null, "date_created": date,
                "date_updated": date, "errors": [], "failure_reason": null, "government_entity": false,
                "identity_status": if status == "APPROVED" { "VERIFIED" } else { "SELF_DECLARED" }, "links": null, "mock": false,
                "russell_3000": false, "sid": sid, "skip_automatic_sec_vet": false, "status": status, "tax_exempt_status": null,
                "tcr_id": null, "url": format!("{HOST}/v1/a2p/BrandRegistrations/{sid}"),
            }),
        ))
    }

    /// `v1/Tollfree/Verifications`.
    pub(super) fn toll_free_verifications(
        &self,
        path: &str,
        method: &str,
        query: &Pairs,
    ) -> Result<Response, ApiError> {
        only(method, "GET", path)?;
        let wanted = query.iter().find(|(name, _)| name == "TollfreePhoneNumberSid").map(|(_, value)| value.as_str());
        let all = self.settings.toll_free_verifications.iter();
        let asked = all.filter(|(number, _)| wanted.is_none_or(|sid| sid == sid_of("PN", number)));
        let rows: Vec<_> = asked.map(|(number, status)| self.verification_json(number, status)).collect();
        Ok(v1_page(HOST, "verifications", &rows, path, query))
    }

    fn verification_json(&self, number: &str, status: &str) -> Value {
        /// Members that are null until somebody gives them.
        const NOT_GIVEN: [&str; 44] = [
            "additional_information",
            "age_gated_content",
            "business_city",
            "business_contact_email",
            "business_contact_first_name",
            "business_contact_last_name",
            "business_contact_phone",
            "business_country",
            "business_name",
            "business_postal_code",
            "business_registration_authority",
            "business_registration_country",
            "business_registration_number",
            "business_registration_phone_number",
            "business_state_province_region",
            "business_street_address",
            "business_street_address2",
            "business_type",
            "business_website",
            "customer_profile_sid",
            "doing_business_as",
            "edit_allowed",
            "edit_expiration",
            "error_code",
            "external_reference_id",
            "help_message_sample",
            "message_volume",
            "notification_email",
            "opt_in_confirmation_message",
            "opt_in_image_urls",
            "opt_in_keywords",
            "privacy_policy_url",
            "production_message_sample",
            "regulated_item_sid",
            "rejection_reason",
            "rejection_reasons",
            "resource_links",
            "terms_and_conditions_url",
            "trust_product_sid",
            "use_case_categories",
            "use_case_summary",
            "vetting_id",
            "vetting_id_expiration",
            "vetting_provider",
        ];
        let (sid, date) = (sid_of("HH", number), rfc3339(0));
        let mut body = json!({
            "account_sid": self.settings.account_sid, "date_created": date, "date_updated": date, "opt_in_type": "WEB_FORM",
            "sid": sid, "status": status, "tollfree_phone_number": number, "tollfree_phone_number_sid": sid_of("PN", number),
            "url": format!("{HOST}/v1/Tollfree/Verifications/{sid}"),
        });
        for name in NOT_GIVEN {
            body[name] = Value::Null;
        }
        body
    }
}
