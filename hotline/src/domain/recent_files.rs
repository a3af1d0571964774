//! Files that were opened just now: who opens one again, or plays it part by part, does not use up Help Scout's minute.

use std::rc::Rc;

use crate::domain::time::Millis;

/// How long a file is kept: a page that is loaded again, a player that asks for parts. What is withdrawn in Help Scout is
/// not shown for longer.
const KEPT_FOR: Millis = 60_000;

/// The bytes of all files that are kept: one text's files, which are 5 MB at most (Twilio, Message resource), and as
/// much again. An isolate has 128 MB.
const MOST_BYTES: usize = 10_000_000;

/// A file's conversation and attachment.
pub type FileId = (u64, u64);

struct File {
    id: FileId,
    opened_at: Millis,
    bytes: Rc<[u8]>,
}

/// The files of the last minute, the newest last. They are kept in memory, in each isolate its own.
#[derive(Default)]
pub struct RecentFiles(Vec<File>);

impl RecentFiles {
    /// A file that was opened within the last minute.
    pub fn get(&mut self, now: Millis, id: FileId) -> Option<Rc<[u8]>> {
        self.0.retain(|file| now - file.opened_at < KEPT_FOR);
        self.0.iter().find(|file| file.id == id).map(|file| Rc::clone(&file.bytes))
    }

    /// A file was read. The oldest ones go as long as there is no room for it.
    pub fn put(&mut self, now: Millis, id: FileId, bytes: &Rc<[u8]>) {
        self.0.retain(|file| file.id != id && now - file.opened_at < KEPT_FOR);
        if bytes.len() > MOST_BYTES {
            return;
        }
        let mut all: usize = self.0.iter().map(|file| file.bytes.len()).sum();
        let too_many = self.0.iter().take_while(|file| {
            let goes = all + bytes.len() > MOST_BYTES;
            all -= if goes { file.bytes.len() } else { 0 };
            goes
        });
        self.0.drain(..too_many.count());
        self.0.push(File { id, opened_at: now, bytes: Rc::clone(bytes) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(count: usize) -> Rc<[u8]> {
        vec![0; count].into()
    }

    #[test]
    fn a_file_is_kept_for_a_minute() {
        let mut files = RecentFiles::default();
        files.put(0, (1001, 31), &bytes(3));
        assert_eq!(files.get(59_999, (1001, 31)), Some(bytes(3)));
        assert_eq!(files.get(59_999, (1002, 31)), None, "each conversation shows its own");
        assert_eq!(files.get(60_000, (1001, 31)), None);
    }

    #[test]
    fn the_oldest_make_room_and_what_is_too_large_takes_none() {
        let mut files = RecentFiles::default();
        for file in 1..=4 {
            files.put(0, (1001, file), &bytes(4_000_000));
        }
        files.put(0, (1001, 5), &bytes(MOST_BYTES + 1));
        let kept: Vec<u64> = (1..=5).filter(|file| files.get(0, (1001, *file)).is_some()).collect();
        assert_eq!(kept, [3, 4]);
        files.put(0, (1001, 6), &bytes(MOST_BYTES));
        assert!(files.get(0, (1001, 4)).is_none() && files.get(0, (1001, 6)).is_some());
    }
}
