//! Any programs, any people: every call ends, is told once, and leaves nothing behind.

use super::*;

/// What a page may answer; the addresses lead back into the same pages.
const DOCUMENTS: [&str; 14] = [
    "<Say>Hello there, whoever you are.</Say><Redirect>/b</Redirect>",
    "<Gather numDigits='1' action='/b' timeout='3'><Say>Press one.</Say></Gather><Redirect>/c</Redirect>",
    "<Dial action='/c' timeout='10'><Number url='/d'>+15550100201</Number><Number>+15550100202</Number></Dial>",
    "<Dial action='/b' timeout='10' timeLimit='20' sequential='true'><Number>+15550100202</Number><Number>+1</Number></Dial>",
    "<Dial timeout='8' hangupOnStar='true'><Queue>q</Queue></Dial>",
    "<Dial timeout='8' action='/d'><Queue>q</Queue></Dial><Leave/>",
    "<Enqueue action='/d' waitUrl='/c' maxQueueSize='2'>q</Enqueue>",
    "<Enqueue action='/a'>q</Enqueue>",
    "<Record action='/d' maxLength='20' timeout='2'/><Hangup/>",
    "<Dial action='/a'><Conference endConferenceOnExit='true' waitUrl='/b'>r</Conference></Dial>",
    "<Dial><Conference startConferenceOnEnter='false'>r</Conference></Dial>",
    "<Leave/>",
    "<Reject/><Pause length='2'/><Play>/x.mp3</Play>",
    "",
];

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % limit
    }

    fn document(&mut self) -> Outcome {
        match self.below(20) {
            0 => answer(500, "text/plain", ""),
            1 => Outcome::TimedOut,
            2 => answer(200, "text/plain", "Plain words"),
            _ => twiml(DOCUMENTS[usize::try_from(self.below(DOCUMENTS.len() as u64)).unwrap()]),
        }
    }

    fn script(&mut self) -> Script {
        let keys = ["1", "*", "12#"][usize::try_from(self.below(3)).unwrap()];
        let script = Script::new().presses(keys, self.below(4)).presses_at(self.below(30), keys);
        script.speaks(self.below(3) * 4).hangs_up_at(1 + self.below(120))
    }

    fn far_end(&mut self) -> FarEnd {
        match self.below(6) {
            0 => FarEnd::Busy,
            1 => FarEnd::NoAnswer,
            2 => FarEnd::Invalid,
            3 => FarEnd::voicemail(self.below(12)),
            _ => FarEnd::answers_after(self.below(20), self.script()),
        }
    }
}

#[test]
fn every_call_ends_whatever_happens() {
    for seed in 0..200 {
        let mut chance = Chance(seed);
        let mut line = Line::new("").far_end(BERT, chance.far_end()).far_end(CARLA, chance.far_end());
        for path in ["/twilio/calls", "/a", "/b", "/c", "/d"] {
            line.pages.insert(path, (0..4).map(|_| chance.document()).collect());
        }
        let mut callers = 0;
        for second in 0..60 {
            line.until(second);
            let now = line.fixture.now;
            let sids: Vec<_> = line.fixture.twilio.calls().iter().map(|call| call.sid.clone()).collect();
            let some =
                (!sids.is_empty()).then(|| sids[usize::try_from(chance.below(sids.len() as u64)).unwrap()].clone());
            match (chance.below(12), some) {
                (0, _) => {
                    let from = format!("+1555010030{}", chance.below(9));
                    let script = chance.script();
                    line.twilio().call_in(now, &from, HOTLINE, script);
                    callers += 1;
                }
                (1, _) => _ = line.create(BERT, &[("Url", "https://hotline.example/a")]),
                (2, Some(sid)) => {
                    line.post(&format!("{CALLS}/{sid}.json"), &[("Url", "https://hotline.example/b")]);
                }
                (3, Some(sid)) => _ = line.post(&format!("{CALLS}/{sid}.json"), &[("Status", "completed")]),
                (4, Some(sid)) => line.twilio().hang_up(now, &sid),
                _ => {}
            }
        }
        line.until(100_000);
        assert_eq!(line.fixture.twilio.next_due(), None, "seed {seed}");
        for call in line.fixture.twilio.calls() {
            assert!(call.status.is_final(), "seed {seed}: {call:?}");
            assert_eq!(call.heard.last().map(|(_, what)| what), Some(&Heard::Ended), "seed {seed}");
            assert!(call.heard.is_sorted_by_key(|(at, _)| *at), "seed {seed} {:?}", call.heard);
        }
        assert_eq!(line.told("/twilio/calls/status", "CallSid").len(), callers, "seed {seed}");
        assert!(line.fixture.twilio.bridges().is_empty() && line.fixture.twilio.ringing().count() == 0);
        assert!(line.fixture.twilio.queues().iter().all(|(_, waiting)| waiting.is_empty()), "seed {seed}");
    }
}
