//! The body of a request from outside: as large as its sender needs, in the time that it may take, and within what all
//! bodies of that sender may hold of the isolate's memory at once.

use std::cell::Cell;
use std::ops::Deref;
use std::pin::pin;
use std::thread::LocalKey;
use std::time::Duration;

use futures_util::future::{Either, select};
use js_sys::Uint8Array;
use web_sys::{ReadableStream, Request};
use worker::Delay;

use crate::fetch::{self, Pieces};

/// How long a body may take to come: the largest, 10 MiB, at 10 Mbit/s.
const WITHIN: Duration = Duration::from_secs(10);

/// Limits for one sender, in bytes.
pub struct Limits {
    /// Of one body.
    most: usize,
    /// Of all that are under way in this isolate, which has 128 MB for everything (Workers, Limits). Each sender has its
    /// own share: nobody's bodies keep another's out.
    together: usize,
    under_way: &'static LocalKey<Cell<usize>>,
}

thread_local! {
    static FROM_TWILIO: Cell<usize> = const { Cell::new(0) };
    static FROM_SIDEBARS: Cell<usize> = const { Cell::new(0) };
    static FROM_HELP_SCOUT: Cell<usize> = const { Cell::new(0) };
}

/// Twilio's largest request, a text of 1,600 characters with ten media and every parameter, has below 20 KiB.
pub const TWILIO: Limits = Limits { most: 64 << 10, together: 8 << 20, under_way: &FROM_TWILIO };

/// A sidebar writes texts and numbers.
pub const SIDEBAR: Limits = Limits { most: 1 << 20, together: 8 << 20, under_way: &FROM_SIDEBARS };

/// A conversation of a hundred threads with long mails embedded stays far below 10 MiB.
pub const HELP_SCOUT: Limits = Limits { most: 10 << 20, together: 20 << 20, under_way: &FROM_HELP_SCOUT };

/// Why a body is not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is larger than any of this sender's.
    TooLarge,
    /// It took too long.
    TooSlow,
    /// Too much of this sender's is under way.
    Busy,
}

impl Refusal {
    /// The HTTP status that says so.
    pub fn status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            Self::TooSlow => 408,
            Self::Busy => 503,
        }
    }
}

/// A body, which counts as under way until it is dropped.
pub struct IncomingBody {
    bytes: Vec<u8>,
    under_way: &'static LocalKey<Cell<usize>>,
}

impl Deref for IncomingBody {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for IncomingBody {
    fn drop(&mut self) {
        self.under_way.set(self.under_way.get().saturating_sub(self.bytes.len()));
    }
}

impl IncomingBody {
    fn empty(limits: &Limits) -> Self {
        Self { bytes: Vec::new(), under_way: limits.under_way }
    }

    fn push(&mut self, piece: &Uint8Array, limits: &Limits) -> Result<(), Refusal> {
        let more = piece.length() as usize;
        if self.bytes.len() + more > limits.most {
            return Err(Refusal::TooLarge);
        }
        if self.under_way.get() + more > limits.together {
            return Err(Refusal::Busy);
        }
        self.under_way.set(self.under_way.get() + more);
        self.bytes.extend(piece.to_vec());
        Ok(())
    }
}

/// Reads a body. One that breaks off is empty, and so proves nothing.
pub async fn read(request: &Request, limits: &Limits) -> Result<IncomingBody, Refusal> {
    if fetch::announced(&request.headers()).is_some_and(|length| length > limits.most) {
        return Err(Refusal::TooLarge);
    }
    let Some(stream) = request.body() else { return Ok(IncomingBody::empty(limits)) };
    match select(pin!(read_all(&stream, limits)), pin!(Delay::from(WITHIN))).await {
        Either::Left((body, _)) => body,
        Either::Right(_) => Err(Refusal::TooSlow),
    }
}

async fn read_all(stream: &ReadableStream, limits: &Limits) -> Result<IncomingBody, Refusal> {
    let pieces = Pieces::of(stream);
    let mut body = IncomingBody::empty(limits);
    loop {
        match pieces.next().await {
            Ok(Some(piece)) => body.push(&piece, limits)?,
            Ok(None) => return Ok(body),
            Err(_) => return Ok(IncomingBody::empty(limits)),
        }
    }
}
