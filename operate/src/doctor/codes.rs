//! Every code that the doctor knows, in one table: how bad it is, what it is judged by, why it matters, and what to do.

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something does not work.
    Error,
    /// Something will, or may, not work.
    Warning,
}

impl Severity {
    /// As the document has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What a code is judged by. Codes of one source are skipped together when it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// wrangler.toml.
    Config,
    /// The secrets that are at hand.
    Secrets,
    /// The challenge that the Worker answers.
    Challenge,
    /// A signed status callback of Twilio's.
    TwilioProbe,
    /// A signed event of Help Scout's.
    WebhookProbe,
    /// A signed address of the sidebar.
    SidebarProbe,
    /// Whether `/v1/health` lets the key in.
    HealthKey,
    /// What `/v1/health` says.
    Health,
    /// `Date` of all answers.
    Clocks,
    /// Whether the account answers to its token.
    Token,
    /// Whether it answers to the API key.
    ApiKey,
    /// Whether it answers to the next token.
    NextToken,
    /// The Account resource.
    Account,
    /// The Balance resource.
    Balance,
    /// The account's numbers.
    Numbers,
    /// The region of each number.
    Regions,
    /// The documents behind `fallback`.
    Fallbacks,
    /// The Messaging Services that hotlines name.
    Services,
    /// All Messaging Services with their numbers.
    Pools,
    /// Campaigns of A2P 10DLC.
    Campaigns,
    /// Brands of A2P 10DLC.
    Brands,
    /// Verifications of toll-free numbers.
    TollFree,
    /// WhatsApp senders.
    Senders,
    /// Where calls may go.
    Countries,
    /// The last calls.
    Calls,
    /// The last texts.
    Texts,
    /// Alerts of the last day.
    Alerts,
    /// Help Scout's token.
    App,
    /// The user who made Help Scout's app.
    Me,
    /// The inboxes of the hotlines.
    Inboxes,
    /// Who may use them.
    Members,
    /// Help Scout's webhooks.
    Webhooks,
    /// Help Scout's customers.
    Customers,
    /// The customers' domain in the DNS.
    Domain,
}

/// What to do about a finding. `{field}` stands for its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repair {
    /// In words.
    pub text: &'static str,
    /// A command that does it.
    pub command: Option<&'static str>,
    /// The page where it is done.
    pub page: Option<&'static str>,
}

const fn words(text: &'static str) -> Repair {
    Repair { text, command: None, page: None }
}

const fn command(text: &'static str, command: &'static str) -> Repair {
    Repair { text, command: Some(command), page: None }
}

const fn page(text: &'static str, page: &'static str) -> Repair {
    Repair { text, command: None, page: Some(page) }
}

const APPLY: Repair = command("Let the set-up correct it", "cargo xtask hotline apply");
const EDIT: Repair = words("Correct the field in wrangler.toml, then deploy");
const DEPLOY: Repair = command("Deploy this configuration to that address", "npx wrangler deploy");
const SECRET: Repair = command("Give the Worker the secret", "npx wrangler secret put {field}");
const NEW_SECRET: Repair = command(
    "Make a new one, such as by `openssl rand -hex 20`, and give it to both ends",
    "npx wrangler secret put {field}",
);
const CLOCK: Repair = words("Set the clock by a time server, or wait if it is the service's that is wrong");
const CONSOLE_NUMBERS: &str = "https://console.twilio.com/us1/develop/phone-numbers/manage/incoming";
const CONSOLE_SERVICES: &str = "https://console.twilio.com/us1/develop/sms/services";
const CONSOLE_A2P: &str = "https://console.twilio.com/us1/develop/sms/regulatory-compliance/a2p-10dlc-overview";
const CONSOLE_TOLL_FREE: &str = "https://console.twilio.com/us1/develop/phone-numbers/regulatory-compliance/toll-free";
const CONSOLE_SENDERS: &str = "https://console.twilio.com/us1/develop/sms/senders/whatsapp-senders";
const CONSOLE_GEO: &str = "https://console.twilio.com/us1/develop/voice/settings/geo-permissions";
const CONSOLE_KEYS: &str = "https://console.twilio.com/us1/account/keys-credentials/api-keys";
const CONSOLE_BILLING: &str = "https://console.twilio.com/us1/billing/manage-billing/billing-overview";
const CONSOLE_BINS: &str = "https://console.twilio.com/us1/develop/twiml-bins/twiml-bins";
const CONSOLE_ERRORS: &str = "https://console.twilio.com/us1/monitor/logs/debugger/errors";
const HELP_SCOUT_APPS: &str = "https://secure.helpscout.net/users/apps";
const HELP_SCOUT_USERS: &str = "https://secure.helpscout.net/users";
const HELP_SCOUT_PLAN: &str = "https://secure.helpscout.net/members/billing";
const HELP_SCOUT_WEBHOOKS: &str = "https://secure.helpscout.net/apps/webhooks";
const CALLERS_LOST: &str = "A caller who hangs up early is not noticed, so the team's phones go on ringing";

/// A code with what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// As people and programs name it.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is judged by.
    pub source: Source,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub repair: Repair,
}

/// Makes the enum of codes and its table of one list.
macro_rules! codes {
    ($($code:ident $name:literal $severity:ident $source:ident $why:expr, $repair:expr;)*) => {
        /// What can be found.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($code),* }

        impl Code {
            /// All of them, in the order in which they are told.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// What it means.
            pub fn row(self) -> Row {
                match self {
                    $(Self::$code => Row {
                        name: $name, severity: Severity::$severity, source: Source::$source, why: $why, repair: $repair,
                    }),*
                }
            }
        }
    };
}

codes! {
    ConfigInvalid "config_invalid" Error Config "The Worker does not start with it, or that hotline does not run", EDIT;
    SecretInVars "secret_in_vars" Error Config "wrangler.toml is in git, and the dashboard shows its values",
        command("Remove it from [vars], make a new one, and set it as a secret", "npx wrangler secret put {field}");
    SecretMissing "secret_missing" Error Secrets "The Worker does not run without it, and a deploy fails", SECRET;
    SecretShort "secret_short" Error Secrets "It can be guessed, and whoever guesses it can sign as if they were the service", NEW_SECRET;
    SecretLong "secret_long" Error Secrets "Help Scout keeps 40 characters and no more, so no signature would be right", NEW_SECRET;
    SecretPublished "secret_published" Error Secrets "Everybody can read it in the source", NEW_SECRET;
    SecretRepeated "secret_repeated" Warning Secrets "Whoever learns one of them has both", NEW_SECRET;
    CompatibilityDate "compatibility_date" Warning Config "It decides how Cloudflare's runtime behaves, and is best a day with which the tests ran", EDIT;
    CronMissing "cron_missing" Warning Config "Nothing is caught up after an outage, and nobody is alerted", words("Add [triggers] crons = [\"*/10 * * * *\"] to wrangler.toml, then deploy");
    RetentionWithoutCron "retention_without_cron" Error Config "What is to be removed after some days is never removed", words("Add [triggers] crons = [\"*/10 * * * *\"] to wrangler.toml, then deploy");
    TimeZoneUnknown "time_zone_unknown" Error Config "Nobody knows when the phones ring", EDIT;
    SenderRepeated "sender_repeated" Error Config "Nobody knows whose a text or call to it is", EDIT;
    InboxRepeated "inbox_repeated" Error Config "Nobody knows whose a reply in it is", EDIT;
    RingPhoneIsOurs "ring_phone_is_ours" Error Config "Calls would go in a circle", EDIT;
    PublicUrlInsecure "public_url_insecure" Error Config "What people write could be read on the way, or Twilio refuses the address", EDIT;
    PublicUrlSilent "public_url_silent" Error Challenge "Neither Twilio nor Help Scout can reach the Worker", DEPLOY;
    PublicUrlRedirects "public_url_redirects" Error Challenge "A POST loses its fields on the way", words("Write the address that it leads to as PUBLIC_URL, then deploy");
    PublicUrlOther "public_url_other" Error Challenge "Texts and calls go to something that is not this deployment, or has another SESSION_SECRET or PUBLIC_URL", DEPLOY;
    WorkerTwilioToken "worker_twilio_token" Error TwilioProbe "The Worker refuses every text and call of Twilio's", command("Give the Worker the token", "npx wrangler secret put TWILIO_AUTH_TOKEN");
    WorkerWebhookSecret "worker_webhook_secret" Error WebhookProbe "The Worker refuses every event of Help Scout's, so no reply leaves", command("Give the Worker the secret", "npx wrangler secret put HELPSCOUT_WEBHOOK_SECRET");
    WorkerSidebarSecret "worker_sidebar_secret" Error SidebarProbe "The sidebar does not open", command("Give the Worker the secret", "npx wrangler secret put HELPSCOUT_SIDEBAR_SECRET");
    WorkerConfigDiffers "worker_config_differs" Warning Health "What runs is not what this file says", DEPLOY;
    WorkerUnwell "worker_unwell" Warning Health "The Worker says itself that something is wrong", words("Look at the reasons; each names what it is about");
    WorkerKeyRefused "worker_key_refused" Error HealthKey "The Worker cannot be asked how it fares", command("Make a key with the scope health, and set it as RINGSIDE_API_KEY", "cargo xtask api-key new --id operator --scope health --hotline NAME");
    ClockSkew "clock_skew" Warning Clocks "Signatures, tokens and deadlines are judged by the clock", CLOCK;
    TwilioUnreachable "twilio_unreachable" Error Token "Nothing can be sent, and nothing of the account can be looked at", words("Wait, and look at status.twilio.com; look at TWILIO_API_URL");
    TwilioTokenRefused "twilio_token_refused" Error Token "The token proves who sends webhooks: none would be believed", command("Copy account SID and token from the console anew", "npx wrangler secret put TWILIO_AUTH_TOKEN");
    TwilioApiKeyRefused "twilio_api_key_refused" Error ApiKey "Nothing can be sent", Repair { text: "Make a new API key", command: Some("npx wrangler secret put TWILIO_API_KEY_SECRET"), page: Some(CONSOLE_KEYS) };
    TwilioTokenNextRefused "twilio_token_next_refused" Warning NextToken "Once it is the account's token, no webhook would be believed", command("Copy the secondary token from the console anew", "npx wrangler secret put TWILIO_AUTH_TOKEN_NEXT");
    TwilioAccountInactive "twilio_account_inactive" Error Account "Twilio carries nothing for it", page("Look in the console why, and write to Twilio", CONSOLE_BILLING);
    TwilioTrial "twilio_trial" Warning Account "Only numbers that were verified are reached (error 21608)", page("Upgrade the account", CONSOLE_BILLING);
    BalanceLow "balance_low" Warning Balance "Twilio stops carrying when nothing is left", page("Top up, or switch on auto-recharge", CONSOLE_BILLING);
    NumberNotOurs "number_not_ours" Error Numbers "Nothing comes from it and nothing can be sent from it", Repair { text: "Buy it, or correct the field", command: Some("cargo xtask numbers list"), page: None };
    NumberNoSms "number_no_sms" Error Numbers "Nobody can text it", Repair { text: "Use another number", command: Some("cargo xtask numbers search --sms --voice"), page: None };
    NumberNoVoice "number_no_voice" Error Numbers "Nobody can call it, and no agent can call from it", Repair { text: "Use another number", command: Some("cargo xtask numbers search --sms --voice"), page: None };
    NumberRegion "number_region" Error Regions "Its calls are handled in a region that our requests do not reach", page("Route the number's calls to the region of TWILIO_API_URL, or change that address", CONSOLE_NUMBERS);
    NumberTextUrl "number_text_url" Error Numbers "Texts go somewhere else, or nowhere", APPLY;
    NumberVoiceUrl "number_voice_url" Error Numbers "Calls go somewhere else, or nowhere", APPLY;
    NumberRetries "number_retries" Warning Numbers "Twilio does not try again when the Worker does not answer at once", APPLY;
    NumberFallback "number_fallback" Warning Numbers "When the Worker does not answer, people hear an error of Twilio's, or nothing", APPLY;
    NumberStatusCallback "number_status_callback" Error Numbers CALLERS_LOST, APPLY;
    NumberApplication "number_application" Error Numbers "It wins over the number's addresses", APPLY;
    NumberFax "number_fax" Error Numbers "Callers hear a fax machine", APPLY;
    FallbackMissing "fallback_missing" Warning Config "What answers in place of the Worker shares its address, and is gone when that is gone", page("Make TwiML Bins, and name them in `fallback`", CONSOLE_BINS);
    FallbackSilent "fallback_silent" Warning Fallbacks "When the Worker does not answer, nothing else does", page("Look at the TwiML Bin", CONSOLE_BINS);
    ServiceUnknown "service_unknown" Error Services "Nothing can be sent through it", Repair { text: "Correct the field in wrangler.toml, then deploy", command: None, page: Some(CONSOLE_SERVICES) };
    ServiceTextUrl "service_text_url" Error Services "Texts to its numbers go somewhere else, or nowhere", APPLY;
    ServiceFallback "service_fallback" Warning Services "When the Worker does not answer, nothing else does", APPLY;
    ServiceStatusCallback "service_status_callback" Warning Services "Whether a message arrived is learnt later, or not at all", APPLY;
    ServiceLacksNumber "service_lacks_number" Warning Pools "Replies leave from another number than the one that was texted", APPLY;
    ServiceTakesTexts "service_takes_texts" Error Pools "Texts to the number go to the address of a Messaging Service that the hotline does not name", page("Take the number out of that service, or name the service in the hotline's table", CONSOLE_SERVICES);
    A2pUnregistered "a2p_unregistered" Error Campaigns "Carriers in the United States block texts from it", page("Register brand and campaign (A2P 10DLC), and put the number into the campaign's service", CONSOLE_A2P);
    A2pPending "a2p_pending" Warning Campaigns "Until the campaign is verified, carriers block texts", page("Wait; reviews take days", CONSOLE_A2P);
    A2pFailed "a2p_failed" Error Campaigns "Carriers in the United States block texts from its numbers", page("Look why, and send the campaign again", CONSOLE_A2P);
    A2pBrand "a2p_brand" Error Brands "Without an approved brand its campaign is blocked", page("Look what is missing of the brand", CONSOLE_A2P);
    TollfreeUnverified "tollfree_unverified" Error TollFree "Carriers block texts from it", page("Have the number verified", CONSOLE_TOLL_FREE);
    TollfreePending "tollfree_pending" Warning TollFree "Until it is verified, carriers block texts", page("Wait; reviews take days", CONSOLE_TOLL_FREE);
    WhatsappUnknown "whatsapp_unknown" Error Senders "Nothing comes from it and nothing can be sent from it", page("Register the sender, or correct the field", CONSOLE_SENDERS);
    WhatsappOffline "whatsapp_offline" Error Senders "WhatsApp carries nothing for it", page("Look at the sender's status", CONSOLE_SENDERS);
    WhatsappWebhook "whatsapp_webhook" Error Senders "Messages go somewhere else, or nowhere", APPLY;
    GeoVoiceOff "geo_voice_off" Error Countries "Calls to it are refused (error 21215)", page("Allow low-risk numbers of the country", CONSOLE_GEO);
    RingOutrunsCalls "ring_outruns_calls" Warning Calls "The account starts so few calls a second that the last phones ring late", words("Ask Twilio for more calls a second, or write order = \"in_turn\"");
    OptOutUnanswered "opt_out_unanswered" Warning Texts "Who says STOP must hear that it was done", page("Look at the opt-out settings of the Messaging Service", CONSOLE_SERVICES);
    OptOutTwice "opt_out_twice" Warning Texts "Who says STOP hears of it more than once", page("Let one place answer STOP: Twilio's own replies, or those of the Messaging Service", CONSOLE_SERVICES);
    WebhookErrors "webhook_errors" Warning Alerts "Twilio could not reach the Worker, or did not understand its answer", page("Look at the errors by their codes", CONSOLE_ERRORS);
    HelpscoutUnreachable "helpscout_unreachable" Error App "Texts wait until it answers", words("Wait, and look at status.helpscout.com; look at HELPSCOUT_API_URL");
    HelpscoutAppRefused "helpscout_app_refused" Error App "Nothing reaches Help Scout", Repair { text: "Make a new app as a user who stays, and set its id and secret", command: Some("npx wrangler secret put HELPSCOUT_APP_SECRET"), page: Some(HELP_SCOUT_APPS) };
    HelpscoutNoAccess "helpscout_no_access" Error Me "Nothing reaches Help Scout", page("Choose a plan with the API, and look whether it is paid", HELP_SCOUT_PLAN);
    HelpscoutOtherAccount "helpscout_other_account" Error Inboxes "None of the inboxes is in the account of this app", page("Make the app in the account that has the inboxes", HELP_SCOUT_APPS);
    InboxUnknown "inbox_unknown" Error Inboxes "Its texts and calls find no inbox", EDIT;
    InboxNoAccess "inbox_no_access" Error Members "What people say cannot be posted there", page("Give the user who made the app access to the inbox", HELP_SCOUT_USERS);
    AlertsInbox "alerts_inbox" Warning Inboxes "No alert is noted in Help Scout", EDIT;
    HelpscoutRateLow "helpscout_rate_low" Warning Me "Posting is slow when many people text at once", page("Choose a plan with more requests a minute, or look which other program spends them", HELP_SCOUT_PLAN);
    WebhookMissing "webhook_missing" Error Webhooks "Nobody hears of replies, so none leaves", APPLY;
    WebhookDisabled "webhook_disabled" Error Webhooks "Help Scout has switched it off, so no reply leaves", APPLY;
    WebhookEvents "webhook_events" Error Webhooks "Something that happens in Help Scout is not heard of", APPLY;
    WebhookInboxes "webhook_inboxes" Error Webhooks "Replies in that inbox are not heard of", APPLY;
    WebhookVersion "webhook_version" Error Webhooks "Replies of AI agents look like those of people, and would be texted", APPLY;
    WebhookNotification "webhook_notification" Error Webhooks "Events come without what they are about", APPLY;
    WebhookRepeated "webhook_repeated" Warning Webhooks "Every event comes twice, and one of the two is not looked after", page("Remove one of them", HELP_SCOUT_WEBHOOKS);
    WebhookSecret "webhook_secret" Error Webhooks "The Worker refuses every event", command("Send Help Scout the secret again", "cargo xtask hotline apply --set-webhook-secret");
    CustomerDomainTakesMail "customer_domain_takes_mail" Error Domain "What Help Scout mails to customers arrives somewhere", words("Use a domain of your own with a null MX record (0 .), or give this one that record");
    CustomerDomainHasHost "customer_domain_has_host" Warning Domain "Without an MX record mail goes to the host itself", words("Add a null MX record (0 .) to the domain");
    CustomerDuplicates "customer_duplicates" Warning Customers "What one person says stands in two histories", page("Merge the customers", "https://secure.helpscout.net/customers/");
}

impl Code {
    /// The code of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.row().name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTATION: &str = include_str!("../../../docs/DOCTOR.md");

    #[test]
    fn the_documentation_says_what_the_table_says() {
        for code in Code::ALL {
            let Row { name, severity, why, repair, .. } = code.row();
            let command = repair.command.map_or(String::new(), |command| format!(": `{command}`"));
            let line = format!("| `{name}` | {} | {why} | {}{command} |\n", severity.as_str(), repair.text);
            assert!(DOCUMENTATION.contains(&line), "{line}");
            assert_eq!(Code::named(name), Some(*code));
        }
        let lines = DOCUMENTATION.lines().filter(|line| line.contains("` | error |") || line.contains("` | warning |"));
        assert_eq!(lines.count(), Code::ALL.len());
    }
}
