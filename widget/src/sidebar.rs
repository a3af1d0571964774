//! What all parts of the sidebar share, and how it is kept up to date.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use hotline::domain::phone::Channel;
use hotline::effects::Millis;
use hotline::sidebar::person::Person;
use leptos::prelude::set_interval;

use crate::api::{Api, Refusal};
use crate::deeds::begin;
use crate::entries::{Page, Place, Timeline};
use crate::followed::Followed;
use crate::host::{Customer, Host, Tone};
use crate::json::Json;
use crate::live::{Live, News};
use crate::model::{Agent, Call};
use crate::{page, read, words};

/// How often the newest page is read even when nothing seems to happen: the token lives 15 minutes and is renewed by a
/// request when it is 5 minutes old, so one lost request does no harm; and the links in the page live 15 minutes too.
const REFRESH: Duration = Duration::from_mins(6);

/// How often "5 min ago" is looked at again.
const TICK: Duration = Duration::from_secs(20);

/// The sidebar's state; a handful of signals.
#[derive(Clone, Copy)]
pub struct Sidebar {
    pub api: Api,
    pub person: &'static Followed<Person>,
    pub timeline: &'static Followed<Timeline>,
    pub agent: &'static Followed<Agent>,
    /// The call that the agent asked for last.
    pub call: &'static Followed<Option<Call>>,
    /// The text that is being written.
    pub draft: &'static Followed<String>,
    /// What Help Scout says of the customer.
    pub customer: &'static Followed<Customer>,
    /// Whether Help Scout is around us.
    pub in_helpscout: &'static Followed<bool>,
    /// Whether changes reach us.
    pub is_live: &'static Followed<bool>,
    /// A word about something that did not work, for the whole sidebar.
    pub trouble: &'static Followed<String>,
    pub now: &'static Followed<Millis>,
    /// The conversation beside which this stands.
    pub beside: Option<u64>,
    /// Help Scout's id of this agent.
    agent_id: Option<i64>,
    pub host: &'static Host,
}

/// Until the person is known.
fn nobody() -> Person {
    let (number, readable) = (String::new(), String::new());
    Person { number, readable, channel: Channel::Sms, since: 0, opted_out: None, first_contact: false }
}

impl Sidebar {
    /// Of the page that was served.
    pub fn of_page() -> Self {
        let api = Api { token: Followed::lasting(page::meta("ringside-session")), is_over: Followed::lasting(false) };
        Self {
            api,
            person: Followed::lasting(nobody()),
            timeline: Followed::lasting(Timeline::default()),
            agent: Followed::lasting(Agent::default()),
            call: Followed::lasting(None),
            draft: Followed::lasting(String::new()),
            customer: Followed::lasting(Customer::default()),
            in_helpscout: Followed::lasting(true),
            is_live: Followed::lasting(true),
            trouble: Followed::lasting(String::new()),
            now: Followed::lasting(page::now()),
            beside: page::meta("ringside-conversation").parse().ok(),
            agent_id: page::meta("ringside-agent").parse().ok(),
            host: Box::leak(Box::new(Host::of_page())),
        }
    }

    /// Reads all that is shown at first.
    pub async fn read(self) -> Result<(), Refusal> {
        self.refresh().await?;
        self.read_agent().await
    }

    /// Reads the newest page, and those before it whose links would end.
    pub async fn refresh(self) -> Result<(), Refusal> {
        let newest = self.page(&Place::Newest).await?;
        let mut before = self.timeline.update(|it| it.newest(newest));
        while let Some(cursor) = before {
            let page = self.page(&Place::Before(cursor)).await?;
            before = self.timeline.update(|it| it.renew(page));
        }
        Ok(())
    }

    /// Reads a page, and with it how the person is now.
    pub async fn page(self, place: &Place) -> Result<Page, Refusal> {
        let path = match place {
            Place::Newest => "/sidebar/timeline".to_owned(),
            Place::Before(cursor) => ["/sidebar/timeline?before=", cursor].concat(),
        };
        let json = self.api.ask("GET", &path, None).await?;
        self.person.set_if_new(read::person(&json.get("person")));
        Ok(read::page(&json))
    }

    /// Reads the agent's phone.
    async fn read_agent(self) -> Result<(), Refusal> {
        self.agent.set(read::agent(&self.api.ask("GET", "/sidebar/agent", None).await?));
        Ok(())
    }

    /// Keeps all of it up to date.
    pub fn keep(self) {
        let live = Live::start(self.api, self.is_live, move |news| self.hear(news));
        let (shown, renewed) = (RefCell::new(self.api.token.now()), Rc::clone(&live));
        set_interval(
            move || {
                let token = self.api.token.now();
                if shown.replace(token.clone()) != token {
                    renewed.renew(&token);
                }
            },
            TICK,
        );
        set_interval(move || self.now.set(page::now()), TICK);
        set_interval(move || self.try_refresh(), REFRESH);
    }

    fn try_refresh(self) {
        if !self.api.is_over.now() {
            // What could not be read now is read the next time; that the connection is lost is said by itself.
            begin(async move { self.refresh().await.unwrap_or_default() });
        }
    }

    fn hear(self, news: News) {
        let frame = match news {
            News::Opened => {
                self.look_at_call();
                return self.try_refresh();
            }
            News::Refused => return self.try_refresh(),
            News::Frame(frame) => frame,
        };
        self.now.set(page::now());
        match frame.get("type").text().as_str() {
            "entry" => self.timeline.update(|it| read::entry(&frame).into_iter().for_each(|entry| it.change(entry))),
            "person" => self.person.set(read::person(&frame)),
            "call" => self.hear_of_call(&frame),
            _ => {}
        }
    }

    /// A call with this person came further: ours, or one that this agent began in another window. Of somebody else's
    /// the server tells us no more.
    fn hear_of_call(self, frame: &Json) {
        if frame.get("agent").integer() != self.agent_id {
            return;
        }
        let news = read::call(frame);
        let is_ours = self.call.peek(|call| call.as_ref().is_some_and(|call| call.id == news.id));
        if is_ours {
            self.advance(news);
        } else if !news.is_over() {
            begin(async move {
                if let Ok(call) = self.ask_of_call("GET", &news.id).await {
                    self.call.set(Some(call));
                }
            });
        }
    }

    /// How far a call is, or by `DELETE` how far it was.
    pub async fn ask_of_call(self, method: &str, id: &str) -> Result<Call, Refusal> {
        Ok(read::call(&self.api.ask(method, &["/sidebar/calls/", id].concat(), None).await?))
    }

    /// The call as it is now known to be.
    pub fn advance(self, news: Call) {
        let was_over = self.call.peek(|call| call.as_ref().is_none_or(Call::is_over));
        self.call.update(|call| call.iter_mut().for_each(|call| call.advance(news.clone())));
        let call = self.call.now().filter(|call| call.is_over() && !was_over);
        if let Some(call) = call {
            let tone = if call.outcome == "completed" { Tone::Success } else { Tone::Warning };
            self.host.notify(tone, &words::progress(&call));
            // A call that was taken may have shown the phone to be theirs.
            begin(async move { self.read_agent().await.unwrap_or_default() });
        }
    }

    /// Asks how far the call is, in case a word about it was lost.
    pub fn look_at_call(self) {
        let running = self.call.now().filter(|call| !call.is_over());
        if let Some(call) = running {
            begin(async move {
                if let Ok(news) = self.ask_of_call("GET", &call.id).await {
                    self.advance(news);
                }
            });
        }
    }
}
