//! Recordings as files: mu-law WAV and MPEG audio, both silent and as long as they say.

/// Samples per second of the telephone network (ITU-T G.711).
const WAV_RATE: u32 = 8_000;
/// Mu-law's zero.
const SILENCE: u8 = 0xff;
/// A frame of MPEG-2 layer III at 24 kHz has 576 samples: exactly so many milliseconds (ISO/IEC 13818-3).
const FRAME_MS: u64 = 24;
/// At 8 kbit/s that frame has so many bytes.
const FRAME_BYTES: usize = 24;
/// No CRC, 8 kbit/s, 24 kHz, mono.
const FRAME_HEADER: [u8; 4] = [0xff, 0xf3, 0x14, 0xc0];

/// RIFF with format 7 (mu-law), mono.
pub(super) fn wav(ms: u64) -> Vec<u8> {
    let samples = u32::try_from(ms * u64::from(WAV_RATE) / 1000).unwrap_or(u32::MAX / 2);
    let mut file = Vec::new();
    file.extend(b"RIFF");
    // What follows: the word WAVE, the chunks `fmt ` and `fact`, and the data with a pad to an even length.
    file.extend((4 + 26 + 12 + 8 + samples + samples % 2).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(18_u32.to_le_bytes());
    for word in [7_u16, 1] {
        file.extend(word.to_le_bytes());
    }
    for long in [WAV_RATE, WAV_RATE] {
        file.extend(long.to_le_bytes());
    }
    for word in [1_u16, 8, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend(b"fact");
    file.extend(4_u32.to_le_bytes());
    file.extend(samples.to_le_bytes());
    file.extend(b"data");
    file.extend(samples.to_le_bytes());
    file.resize(file.len() + (samples + samples % 2) as usize, SILENCE);
    file
}

/// Frames whose side information says that there is nothing in them, which every decoder plays as silence.
pub(super) fn mp3(ms: u64) -> Vec<u8> {
    let frames = usize::try_from(ms.div_ceil(FRAME_MS)).unwrap_or(0);
    let mut frame = [0; FRAME_BYTES];
    frame[..FRAME_HEADER.len()].copy_from_slice(&FRAME_HEADER);
    frame.repeat(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_as_long_as_they_say() {
        for ms in [1_000, 3_001, 61_000] {
            let wav = wav(ms);
            let field = |at: usize| u32::from_le_bytes(wav[at..at + 4].try_into().unwrap());
            assert_eq!(field(4) as usize, wav.len() - 8);
            assert_eq!(u64::from(field(54)), ms * 8, "samples");
            assert_eq!(&wav[50..54], b"data");
            let mp3 = mp3(ms);
            assert!(mp3.chunks(FRAME_BYTES).all(|frame| frame.starts_with(&FRAME_HEADER)));
            assert_eq!(mp3.len() as u64 / 24 * 24, ms.div_ceil(24) * 24);
        }
    }
}
