//! Which numbers may be called, against toll fraud. Whoever gets hold of a dialler calls numbers that pay them (Twilio, Preventing toll fraud),
//! so both ends of a call stand in a list of countries, and numbers that cost extra are refused within them too.

use super::StepContext;
use crate::domain::numbering;
use crate::domain::phone::E164;
use crate::sidebar::Refusal;
use crate::twilio::lookup::Phone;

/// Why a phone must not be rung; `None` when it may be.
pub(super) fn why_not_ring(ctx: &StepContext, phone: &Phone) -> Option<Refusal> {
    let refused = |code, words| Some(Refusal { status: 403, code, words });
    let number = E164::parse(&phone.number);
    if number.as_ref().is_some_and(|number| ctx.config.is_own(number)) {
        return refused("own_number", "That is a hotline's own number. It would call itself.");
    }
    if number.as_ref().is_none_or(numbering::is_costly) {
        return refused("premium_number", "Numbers that cost extra cannot be called.");
    }
    let countries = ctx.hotline.and_then(|hotline| hotline.callback.as_ref()).map(|callback| &callback.countries);
    // Where nobody may call, a phone may still be named.
    if countries.is_some_and(|countries| !countries.iter().any(|country| country.as_str() == phone.country)) {
        return refused("country_not_allowed", "Numbers in that country cannot be called from this hotline.");
    }
    None
}
