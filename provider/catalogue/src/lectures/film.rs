//! Pictures and sound into HLS segments with ffmpeg, and how long the result really is.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::Stdio;

use tokio::fs;
use tokio::process::Command;

use super::LectureError;
use super::speech::SAMPLE_RATE;
use crate::Sprite;

/// Slides do not move: five pictures a second are enough and quick to make.
pub(super) const FRAMES_PER_SECOND: u32 = 5;
const SEGMENT_SECONDS: u32 = 6;

/// The name of the playlist in a lecture's folder.
pub(super) const PLAYLIST: &str = "index.m3u8";

/// Cuts slide pictures (file name and frames) and raw sound into `folder/index.m3u8` with segments, the small pictures for the
/// seek bar beside it.
pub(super) async fn cut(
    ffmpeg: &Path,
    slides: &[(String, usize)],
    sound: &Path,
    folder: &Path,
) -> Result<(), LectureError> {
    let list = sound.with_file_name("slides.txt");
    fs::write(&list, concat_list(slides)).await.map_err(LectureError::file(&list))?;
    let frames: usize = slides.iter().map(|(_, frames)| frames).sum();
    let total = seconds_of(frames);
    // the filter repeats a slide's picture for as long as it stands; the option -r would leave one frame of it
    let rate = format!("fps={FRAMES_PER_SECOND}");
    let key_frames = (FRAMES_PER_SECOND * SEGMENT_SECONDS).to_string();

    let mut command = Command::new(ffmpeg);
    command.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-f", "concat", "-i"]).arg(&list);
    command.args(["-f", "s16le", "-ar", &SAMPLE_RATE.to_string(), "-ac", "1", "-i"]).arg(sound);
    command.args(["-map", "0:v", "-map", "1:a", "-vf", &rate, "-t", &total]);
    // a slide's pictures come all at once and its sound slowly: wait for both, or sound is lost
    command.args(["-max_interleave_delta", "0"]);
    command.args([
        "-c:v",
        "libx264",
        "-profile:v",
        "baseline",
        "-pix_fmt",
        "yuv420p",
        "-preset",
        "ultrafast",
    ]);
    command.args(["-tune", "stillimage", "-crf", "24", "-g", &key_frames, "-keyint_min", &key_frames]);
    command.args(["-sc_threshold", "0", "-c:a", "aac", "-b:a", "64k", "-ar", "44100", "-ac", "1"]);
    command.args(["-f", "hls", "-hls_time", &SEGMENT_SECONDS.to_string(), "-hls_playlist_type", "vod"]);
    command.arg("-hls_segment_filename").arg(folder.join("part%03d.ts")).arg(folder.join(PLAYLIST));
    run(&mut command, "ffmpeg").await?;
    small_pictures(ffmpeg, &list, frames, folder).await
}

/// The small pictures come from the slides, so the film need not be read again; made in the film's own run, they would have
/// ffmpeg hold all of it in memory until its end.
async fn small_pictures(
    ffmpeg: &Path,
    list: &Path,
    frames: usize,
    folder: &Path,
) -> Result<(), LectureError> {
    let sprite = Sprite::of(frames.div_ceil(FRAMES_PER_SECOND as usize) as u64);
    let mut command = Command::new(ffmpeg);
    command.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-f", "concat", "-i"]).arg(list);
    command.args(["-vf", &sprite.filter()]).args(Sprite::OPTIONS).arg(folder.join(Sprite::PICTURES));
    run(&mut command, "ffmpeg").await?;
    let thumbs = folder.join(Sprite::LIST);
    fs::write(&thumbs, sprite.list()).await.map_err(LectureError::file(&thumbs))
}

/// ffmpeg's list of pictures with their times; the last one is named twice or its time is lost.
fn concat_list(slides: &[(String, usize)]) -> String {
    let mut list = String::from("ffconcat version 1.0\n");
    for (name, frames) in slides {
        let _ = writeln!(list, "file {name}\nduration {}", seconds_of(*frames));
    }
    if let Some((name, _)) = slides.last() {
        let _ = writeln!(list, "file {name}");
    }
    list
}

fn seconds_of(frames: usize) -> String {
    let milliseconds = frames * 1000 / FRAMES_PER_SECOND as usize;
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// How long the film in `folder` is: whole seconds, rounded down.
pub(super) async fn seconds(ffprobe: &Path, folder: &Path) -> Result<u32, LectureError> {
    let mut command = Command::new(ffprobe);
    command.args(["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"]);
    let output = run(command.arg(folder.join(PLAYLIST)), "ffmpeg").await?;
    let whole = output.split('.').next().unwrap_or_default();
    whole.trim().parse().map_err(|_| LectureError::Program {
        program: ffprobe.display().to_string(),
        message: format!("{output:?} is no duration"),
    })
}

/// Runs a program to its end and gives what it wrote; it ends with us if we are stopped.
pub(super) async fn run(command: &mut Command, package: &'static str) -> Result<String, LectureError> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => LectureError::ProgramMissing { program: program.clone(), package },
        _ => LectureError::Program { program: program.clone(), message: error.to_string() },
    })?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        let last = message.lines().rev().take(3).collect::<Vec<_>>().join("; ");
        return Err(LectureError::Program { program, message: last });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
