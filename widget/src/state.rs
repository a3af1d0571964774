//! What the components share, and how it is kept up to date.

use hotline::sidebar::words::Part;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::sidebar::{Agent, Call, CallFrame, CallOutcome, Frame, Person, TimelinePage};
use protocol::{SignedDuration, Timestamp};

use crate::api::{Api, ApiError};
use crate::call_words::progress;
use crate::helpscout_host::{HelpScout, Tone};
use crate::page;
use crate::timeline::{PageCursor, Timeline};

/// What must be read before anything is shown.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The newest page of the timeline.
    pub page: TimelinePage,
    /// The agent's phone.
    pub agent: Agent,
}

impl Loaded {
    /// Reads it.
    pub async fn read(api: Api) -> Result<Self, ApiError> {
        Ok(Self { page: api.timeline(None).await?, agent: api.agent().await? })
    }
}

/// The sidebar's state.
#[derive(Clone, Copy)]
pub struct Sidebar {
    pub api: Api,
    pub help_scout: HelpScout,
    pub person: RwSignal<Person>,
    pub timeline: RwSignal<Timeline>,
    pub agent: RwSignal<Agent>,
    /// The call that the agent asked for last.
    pub call: RwSignal<Option<Call>>,
    /// Whether changes reach us.
    pub is_live: RwSignal<bool>,
    /// The time at the server.
    pub now: RwSignal<Timestamp>,
    /// How far this computer's clock is behind the server's.
    clock_lag: StoredValue<SignedDuration>,
    /// The last delivery that ended, as it is told to those who hear the page.
    pub ended: RwSignal<Option<Vec<Part>>>,
    /// Notified when the newest entry is to be brought into sight.
    pub show_newest: Trigger,
    /// The conversation beside which this stands.
    pub beside: Option<u64>,
    /// Help Scout's id of this agent.
    pub agent_id: Option<i64>,
    /// Whether this agent is an owner or an administrator in Help Scout, as far as the page knows.
    pub is_operator: bool,
}

impl Sidebar {
    /// With what was read.
    pub fn new(api: Api, help_scout: HelpScout, Loaded { page, agent }: Loaded) -> Self {
        let beside = page::meta("ringside-conversation").parse().ok();
        let agent_id = page::meta("ringside-agent").parse().ok();
        let clock_lag = clock_lag(&page).unwrap_or_default();
        Self {
            api,
            help_scout,
            person: RwSignal::new(page.person.clone()),
            timeline: RwSignal::new(Timeline::new(beside, page)),
            agent: RwSignal::new(agent),
            call: RwSignal::new(None),
            is_live: RwSignal::new(true),
            now: RwSignal::new(time_at_server(clock_lag)),
            clock_lag: StoredValue::new(clock_lag),
            ended: RwSignal::new(None),
            show_newest: Trigger::new(),
            beside,
            agent_id,
            is_operator: !page::meta("ringside-operator").is_empty(),
        }
    }

    /// Reads the newest page, and earlier pages whose media links would expire.
    pub async fn refresh(self) -> Result<(), ApiError> {
        let newest = self.read(&PageCursor::Newest).await?;
        let mut before = self.change(|it| it.show_newest_page(newest));
        while let Some(cursor) = before {
            let page = self.read(&PageCursor::Before(cursor)).await?;
            before = self.change(|it| it.renew(page));
        }
        Ok(())
    }

    /// Reads a page, and with it how the person is now.
    pub async fn read(self, place: &PageCursor) -> Result<TimelinePage, ApiError> {
        let page = self.api.timeline(place.cursor()).await?;
        if self.person.with_untracked(|it| *it != page.person) {
            self.person.set(page.person.clone());
        }
        if let Some(lag) = clock_lag(&page) {
            self.clock_lag.set_value(lag);
            self.tick();
        }
        Ok(page)
    }

    /// Looks at the clock.
    pub fn tick(self) {
        self.now.set(time_at_server(self.clock_lag.get_value()));
    }

    fn change<R>(self, change: impl FnOnce(&mut Timeline) -> R) -> R {
        change(&mut self.timeline.write())
    }

    /// Reads what may have been missed. What cannot be read now is read the next time; that the connection is lost is
    /// said by itself.
    pub fn try_refresh(self) {
        if !self.api.is_over.get_untracked() {
            spawn_local(async move { self.refresh().await.unwrap_or_default() });
        }
    }

    /// Applies a frame of the socket.
    pub fn apply_frame(self, frame: Frame) {
        self.tick();
        match frame {
            Frame::Entry(entry) => self.change(|it| it.change(entry)),
            Frame::Person(person) => self.person.set(person),
            Frame::Call(frame) => self.apply_call_frame(frame),
            Frame::Unknown => {}
        }
    }

    /// A call with this person has come further: ours, or one that this agent began in another window. A colleague's is
    /// shown when it is on the timeline.
    fn apply_call_frame(self, CallFrame { agent, call: news }: CallFrame) {
        if Some(agent) != self.agent_id {
            return;
        }
        let is_ours = self.call.with_untracked(|call| call.as_ref().is_some_and(|call| call.id == news.id));
        if is_ours {
            self.advance(news);
        } else if !news.is_over() {
            spawn_local(async move {
                if let Ok(call) = self.api.call(&news.id).await {
                    self.call.set(Some(call));
                }
            });
        }
    }

    /// The call as it is now known to be.
    pub fn advance(self, news: Call) {
        let was_over = self.call.with_untracked(|call| call.as_ref().is_none_or(Call::is_over));
        self.call.update(|call| call.iter_mut().for_each(|call| call.advance(news.clone())));
        let ended = self.call.get_untracked().filter(|call| call.is_over() && !was_over);
        if let Some(call) = ended {
            let tone = if call.outcome == Some(CallOutcome::Completed) { Tone::Success } else { Tone::Warning };
            self.help_scout.notify(tone, &progress(&call));
            // A call that was taken may have shown the phone to be theirs.
            spawn_local(async move {
                if let Ok(agent) = self.api.agent().await {
                    self.agent.set(agent);
                }
            });
        }
    }

    /// Asks how far the call is, in case a frame about it was lost.
    pub fn look_at_call(self) {
        let running = self.call.get_untracked().filter(|call| !call.is_over());
        if let Some(call) = running {
            spawn_local(async move {
                if let Ok(news) = self.api.call(&call.id).await {
                    self.advance(news);
                }
            });
        }
    }
}

fn clock_lag(page: &TimelinePage) -> Option<SignedDuration> {
    page.now.map(|now| now.duration_since(page::now()))
}

fn time_at_server(clock_lag: SignedDuration) -> Timestamp {
    let now = page::now();
    now.checked_add(clock_lag).unwrap_or(now)
}
