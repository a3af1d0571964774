//! The body of a request from outside: as large as its sender needs, in the time that it may take, and within what all
//! bodies of that sender may hold of the isolate's memory at once.

use std::cell::Cell;
use std::ops::Deref;
use std::pin::pin;
use std::thread::LocalKey;
use std::time::Duration;

use futures_util::future::{Either, select};
use hotline::routing::{BodyFrom, BodyLimits, BodyRefusal};
use js_sys::Uint8Array;
use web_sys::{ReadableStream, Request};
use worker::Delay;

use crate::fetch::{self, Pieces};

/// How long a body may take to come: the largest, 10 MiB, at 10 Mbit/s.
const WITHIN: Duration = Duration::from_secs(10);

thread_local! {
    static FROM_TWILIO: Cell<usize> = const { Cell::new(0) };
    static FROM_HELP_SCOUT: Cell<usize> = const { Cell::new(0) };
    static FROM_SIDEBARS: Cell<usize> = const { Cell::new(0) };
    static FROM_PROGRAMS: Cell<usize> = const { Cell::new(0) };
}

/// Bytes of a sender's bodies that are under way in this isolate.
fn under_way(from: BodyFrom) -> &'static LocalKey<Cell<usize>> {
    match from {
        BodyFrom::Twilio => &FROM_TWILIO,
        BodyFrom::HelpScout => &FROM_HELP_SCOUT,
        BodyFrom::Sidebar => &FROM_SIDEBARS,
        BodyFrom::Program => &FROM_PROGRAMS,
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
    fn empty(from: BodyFrom) -> Self {
        Self { bytes: Vec::new(), under_way: under_way(from) }
    }

    fn push(&mut self, piece: &Uint8Array, limits: BodyLimits) -> Result<(), BodyRefusal> {
        let more = piece.length() as usize;
        if self.bytes.len() + more > limits.most {
            return Err(BodyRefusal::TooLarge);
        }
        if self.under_way.get() + more > limits.together {
            return Err(BodyRefusal::Busy);
        }
        self.under_way.set(self.under_way.get() + more);
        self.bytes.extend(piece.to_vec());
        Ok(())
    }
}

/// Reads a body. One that breaks off is empty, and so proves nothing.
pub async fn read(request: &Request, from: BodyFrom) -> Result<IncomingBody, BodyRefusal> {
    let limits = from.limits();
    if fetch::announced(&request.headers()).is_some_and(|length| length > limits.most) {
        return Err(BodyRefusal::TooLarge);
    }
    let Some(stream) = request.body() else { return Ok(IncomingBody::empty(from)) };
    match select(pin!(read_all(&stream, from)), pin!(Delay::from(WITHIN))).await {
        Either::Left((body, _)) => body,
        Either::Right(_) => Err(BodyRefusal::TooSlow),
    }
}

async fn read_all(stream: &ReadableStream, from: BodyFrom) -> Result<IncomingBody, BodyRefusal> {
    let pieces = Pieces::of(stream);
    let mut body = IncomingBody::empty(from);
    loop {
        match pieces.next().await {
            Ok(Some(piece)) => body.push(&piece, from.limits())?,
            Ok(None) => return Ok(body),
            Err(_) => return Ok(IncomingBody::empty(from)),
        }
    }
}
