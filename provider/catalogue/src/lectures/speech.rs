//! What is said with each slide, as sound: spoken by espeak-ng, or silence of a reader's length
//! where it is not installed.

use std::path::Path;

use tokio::fs;
use tokio::process::Command;

use super::LectureError;
use super::film::{FRAMES_PER_SECOND, run};

/// espeak-ng's own rate.
pub(super) const SAMPLE_RATE: u32 = 22_050;
const BYTES_PER_FRAME: usize = (SAMPLE_RATE / FRAMES_PER_SECOND) as usize * 2;
/// A breath before the next slide.
const PAUSE_FRAMES: usize = 6;
/// Reading pace without speech: about three and a half characters a second.
const FRAMES_PER_CHARACTER_TENTHS: usize = 14;

/// The sound of one slide as raw little-endian 16-bit mono samples, a whole number of frames long.
pub(super) struct Spoken {
    pub sound: Vec<u8>,
    pub frames: usize,
}

impl Spoken {
    fn of(mut sound: Vec<u8>) -> Self {
        let frames = sound.len().div_ceil(BYTES_PER_FRAME) + PAUSE_FRAMES;
        sound.resize(frames * BYTES_PER_FRAME, 0);
        Self { sound, frames }
    }

    fn silence(text: &str) -> Self {
        let frames = text.chars().count() * FRAMES_PER_CHARACTER_TENTHS / 10;
        Self::of(vec![0; frames * BYTES_PER_FRAME])
    }
}

/// Whether `espeak` can be run; logged once by the caller, not per slide.
pub(super) async fn is_installed(espeak: &Path) -> bool {
    Command::new(espeak).arg("--version").output().await.is_ok_and(|output| output.status.success())
}

/// Speaks `text` with `espeak`, or keeps silent as long as reading it takes.
pub(super) async fn speak(espeak: Option<&Path>, text: &str, folder: &Path) -> Result<Spoken, LectureError> {
    let Some(espeak) = espeak else { return Ok(Spoken::silence(text)) };
    let (script, wav) = (folder.join("script.txt"), folder.join("script.wav"));
    fs::write(&script, text).await.map_err(LectureError::file(&script))?;
    // the plain "cmn" voice of Debian 12 reads the pinyin as English words
    let mut command = Command::new(espeak);
    command.args(["-v", "cmn-latn-pinyin", "-s", "165", "-g", "2", "-b", "1", "-w"]).arg(&wav);
    run(command.arg("-f").arg(&script), "espeak-ng").await?;
    let bytes = fs::read(&wav).await.map_err(LectureError::file(&wav))?;
    let sound = samples(&bytes).ok_or_else(|| LectureError::Program {
        program: espeak.display().to_string(),
        message: "its output is no 16-bit mono WAV".to_owned(),
    })?;
    Ok(Spoken::of(sound.to_vec()))
}

/// The samples behind a WAV header; espeak-ng may leave the length fields unset, so the data chunk
/// goes to the end of the file.
fn samples(wav: &[u8]) -> Option<&[u8]> {
    let start = wav.windows(4).position(|window| window == b"data")? + 8;
    let format = (wav.get(22..24)?, wav.get(24..28)?, wav.get(34..36)?);
    if format != (&1u16.to_le_bytes(), &SAMPLE_RATE.to_le_bytes(), &16u16.to_le_bytes()) {
        return None;
    }
    wav.get(start..)
}

/// All slides' sound in one raw file.
pub(super) async fn write_raw(path: &Path, spoken: &[Spoken]) -> Result<(), LectureError> {
    let sounds: Vec<&[u8]> = spoken.iter().map(|slide| slide.sound.as_slice()).collect();
    fs::write(path, sounds.concat()).await.map_err(LectureError::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_lasts_as_long_as_reading_and_a_breath() {
        let spoken = Spoken::silence(&"字".repeat(35));
        assert_eq!(spoken.frames, 49 + PAUSE_FRAMES);
        assert_eq!(spoken.sound.len(), spoken.frames * BYTES_PER_FRAME);
    }

    #[test]
    fn what_is_no_wav_is_refused() {
        assert!(samples(b"").is_none());
        assert!(samples(&[b'd'; 100]).is_none());
        assert!(samples(b"RIFF....WAVEfmt ____________________data____").is_none());
    }
}
