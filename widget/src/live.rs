//! The socket through which changes come. A lost one is opened again, and what was missed is read.

use std::pin::pin;
use std::time::Duration;

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::future::{Either, select};
use futures_util::{SinkExt, StreamExt};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State};
use gloo_timers::future::sleep;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::SignedDuration;
use protocol::sidebar::{ClientFrame, Frame};

use crate::api::Api;
use crate::page;
use crate::state::Sidebar;

/// The longest pause between two attempts, in seconds; the first is one second, and each is twice the one before.
const LONGEST_PAUSE: u32 = 30;

/// How long a socket may be silent before it is asked whether it still lives: below the idle limits of common proxies, a
/// minute.
const SILENCE: Duration = Duration::from_secs(25);

/// How long it then may take to answer, and a new one to answer first: a slow phone's network takes two seconds.
const ANSWER: Duration = Duration::from_secs(4);

/// How long a socket may take to open, after which another may come through where this one does not.
const OPENING: Duration = Duration::from_secs(10);

/// How often the clock is looked at for a jump.
const LOOK: Duration = Duration::from_secs(5);

/// How late a look may be without being a jump: browsers hold up timers for some seconds while they are busy.
const LATE: SignedDuration = SignedDuration::from_secs(5);

/// How long to wait after so many attempts that failed.
pub fn pause(attempts: u32) -> Duration {
    let seconds = 1_u32.checked_shl(attempts).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE);
    Duration::from_secs(seconds.into())
}

/// Keeps a socket open as long as the session lasts.
pub fn keep_open(sidebar: Sidebar) {
    let mut wakes = wakes();
    spawn_local(async move {
        let mut failed_attempts = 0;
        while !sidebar.api.is_over.get_untracked() {
            let answered = run_socket(sidebar, &mut wakes).await;
            sidebar.is_live.set(false);
            if answered {
                failed_attempts = 0;
            }
            if failed_attempts > 0 {
                // The token may have ended; a request renews it.
                sidebar.try_refresh();
            }
            wait(pause(failed_attempts), &mut wakes).await;
            failed_attempts += 1;
        }
    });
}

/// Wakes: the browser has a network again, the agent has come back to the page, or the computer has slept.
fn wakes() -> UnboundedReceiver<()> {
    let (says, wakes) = unbounded();
    let wake = move || says.unbounded_send(()).unwrap_or_default();
    // They listen as long as the page lives.
    let (online, focus, pageshow, visible) = (wake.clone(), wake.clone(), wake.clone(), wake.clone());
    let last = StoredValue::new(page::now());
    set_interval(
        move || {
            let now = page::now();
            let passed = now.duration_since(last.get_value());
            last.set_value(now);
            // No event tells of a sleep during which the page stayed in sight.
            if passed.abs() > LATE + SignedDuration::from_secs_f64(LOOK.as_secs_f64()) {
                wake();
            }
        },
        LOOK,
    );
    let _ = window_event_listener(ev::online, move |_| online());
    let _ = window_event_listener(ev::focus, move |_| focus());
    let _ = window_event_listener(ev::pageshow, move |_| pageshow());
    let _ = window_event_listener(ev::visibilitychange, move |_| visible());
    wakes
}

/// A pause, unless the browser wakes.
async fn wait(pause: Duration, wakes: &mut UnboundedReceiver<()>) {
    // Drop wakes from before the pause.
    while wakes.try_recv().is_ok() {}
    select(sleep(pause), wakes.next()).await;
}

/// Opens a socket and applies its frames until it is lost. Returns whether it answered at all: one that opens and says
/// nothing is none.
async fn run_socket(sidebar: Sidebar, wakes: &mut UnboundedReceiver<()>) -> bool {
    let mut shown_token = sidebar.api.token.get_untracked();
    let opening = pin!(open(sidebar.api, shown_token.clone()));
    let Either::Left((Some(mut socket), _)) = select(opening, sleep(OPENING)).await else { return false };
    let mut has_answered = false;
    // It is asked as it opens.
    let mut is_asked = true;
    let mut patience = sleep(ANSWER);
    loop {
        match select(select(socket.next(), wakes.next()), &mut patience).await {
            Either::Left((Either::Left((Some(Ok(message)), _)), _)) => {
                if is_asked {
                    is_asked = false;
                    patience = sleep(SILENCE);
                }
                if !has_answered {
                    has_answered = true;
                    sidebar.is_live.set(true);
                    sidebar.look_at_call();
                    sidebar.try_refresh();
                }
                if let Message::Text(text) = message
                    && let Ok(frame) = serde_json::from_str::<Frame>(&text)
                {
                    sidebar.apply_frame(frame);
                }
            }
            // Its answer is being waited for already.
            Either::Left((Either::Right(_), _)) if is_asked => {}
            // A dead connection looks open for a long time.
            Either::Left((Either::Right(_), _)) | Either::Right(_) if !is_asked => {
                is_asked = true;
                patience = sleep(ANSWER);
                send_text_frame(&mut socket, "ping".to_owned()).await;
            }
            _ => return has_answered,
        }
        let token = sidebar.api.token.get_untracked();
        if token != shown_token {
            let renew = ClientFrame::Renew { token: token.clone() };
            send_text_frame(&mut socket, serde_json::to_string(&renew).unwrap_or_default()).await;
            shown_token = token;
        }
    }
}

async fn open(api: Api, token: String) -> Option<WebSocket> {
    if api.is_over.get_untracked() {
        return None;
    }
    let origin = window().location().origin().ok()?;
    let address = format!("ws{}/sidebar/live", origin.strip_prefix("http")?);
    let protocols = ["ringside.v1".to_owned(), format!("bearer.{token}")];
    let mut socket = WebSocket::open_with_protocols(&address, &protocols).ok()?;
    // It is taken when the socket is open, or has failed.
    send_text_frame(&mut socket, "ping".to_owned()).await;
    matches!(socket.state(), State::Open).then_some(socket)
}

/// Sends a text frame. A failed send is ignored: the closed socket reports it.
async fn send_text_frame(socket: &mut WebSocket, words: String) {
    socket.send(Message::Text(words)).await.unwrap_or_default();
}
