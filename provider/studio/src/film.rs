//! A film into a ladder: up to three qualities as HLS, a poster, small pictures for the seek bar. Its length is measured
//! on what was made.
use std::{fmt::Write as _, path::Path, process::Stdio, time::Duration};

use catalogue::Sprite;
use serde::Deserialize;
use tokio::{
    fs,
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::Command,
    sync::watch,
};

use crate::{
    material::{Made, Trouble},
    tool::{last_line, missing, run},
};

/// Heights, the least of video bits a second for each, and what its sound takes.
const LADDER: [(i64, u32); 3] = [(360, 600_000), (540, 1_200_000), (720, 2_400_000)];
const SEGMENT_SECONDS: &str = "6";
/// Only these are opened: a playlist could name files of this machine or others.
const FORMATS: &str = "mov,mp4,m4a,matroska,webm,avi,flv,mpegts,mpeg";
/// A film of twelve hours is no lecture.
const LONGEST: f64 = 12.0 * 3600.0;
/// Probing takes moments, the ladder about as long as the film on a slow machine.
const PROBE: Duration = Duration::from_mins(1);
const PICTURES: Duration = Duration::from_mins(20);

#[derive(Deserialize)]
struct Probed {
    #[serde(default)]
    streams: Vec<Stream>,
    format: Format,
}

#[derive(Deserialize)]
struct Stream {
    codec_type: String,
    #[serde(default)]
    height: i64,
}

#[derive(Deserialize)]
struct Format {
    #[serde(default)]
    duration: String,
}

/// What is known of a film before it is cut.
struct Source {
    height: i64,
    has_sound: bool,
    seconds: f64,
}

/// Makes the film; `progress` hears of every percent.
pub(crate) async fn make(file: &Path, folder: &Path, progress: &watch::Sender<i64>) -> Result<Made, Trouble> {
    let source = probe(file).await?;
    cut(file, folder, &source, progress).await?;
    pictures(file, folder, &source).await?;
    // The player asks for subtitles; until some are handed in there are none.
    let captions = fs::write(folder.join("captions.vtt"), "WEBVTT\n").await;
    captions.map_err(Trouble::here)?;
    let seconds = length(&folder.join("v0.m3u8")).await?;
    Ok(Made { seconds, detail: String::new() })
}

fn opened(program: &str, file: &Path) -> Command {
    let mut command = Command::new(program);
    if program == "ffmpeg" {
        command.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y"]);
    } else {
        command.args(["-v", "error"]);
    }
    command.args(["-protocol_whitelist", "file", "-format_whitelist", FORMATS]);
    command.arg("-i").arg(file);
    command
}

async fn probe(file: &Path) -> Result<Source, Trouble> {
    let mut command = opened("ffprobe", file);
    command.args(["-show_entries", "format=duration:stream=codec_type,height", "-of", "json"]);
    let said = run(&mut command, PROBE).await?;
    let probed: Probed = serde_json::from_slice(&said).map_err(|_| Trouble::new("film_unreadable", ""))?;
    let picture = probed.streams.iter().find(|s| s.codec_type == "video" && s.height > 0);
    let picture = picture.ok_or_else(|| Trouble::new("film_without_picture", ""))?;
    let seconds: f64 = probed.format.duration.parse().unwrap_or(0.0);
    if !(1.0..LONGEST).contains(&seconds) {
        return Err(Trouble::new("film_length", &probed.format.duration));
    }
    let has_sound = probed.streams.iter().any(|s| s.codec_type == "audio");
    Ok(Source { height: picture.height, has_sound, seconds })
}

/// The steps that the film reaches; always the lowest.
fn steps(height: i64) -> Vec<(i64, u32)> {
    LADDER.into_iter().filter(|(h, _)| *h == LADDER[0].0 || *h <= height.saturating_add(40)).collect()
}

async fn cut(
    file: &Path,
    folder: &Path,
    source: &Source,
    progress: &watch::Sender<i64>,
) -> Result<(), Trouble> {
    let mut command = ladder(file, folder, source);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|e| missing("ffmpeg", &e))?;
    let said = child.stdout.take().ok_or_else(|| Trouble::here("no output"))?;
    let mut complaint = child.stderr.take().ok_or_else(|| Trouble::here("no output"))?;
    let complaint = tokio::spawn(async move {
        let mut text = vec![];
        let _ = complaint.read_to_end(&mut text).await;
        text
    });
    let mut lines = BufReader::new(said).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Some(micros) = line.strip_prefix("out_time_us=").and_then(|t| t.parse::<f64>().ok()) else {
            continue;
        };
        progress.send_replace(whole((micros / 1e6 / source.seconds * 100.0).clamp(0.0, 99.0)));
    }
    let status = child.wait().await.map_err(Trouble::here)?;
    let complaint = complaint.await.unwrap_or_default();
    if status.success() { Ok(()) } else { Err(Trouble::new("film_unreadable", &last_line(&complaint))) }
}

/// One run for all steps, so that the film is decoded once; key frames fall together, so players change step cleanly.
fn ladder(file: &Path, folder: &Path, source: &Source) -> Command {
    let steps = steps(source.height);
    let mut command = opened("ffmpeg", file);
    let names: String = (0..steps.len()).map(|n| format!("[s{n}]")).collect();
    let mut graph = format!("[0:v:0]split={}{names}", steps.len());
    for (n, (height, _)) in steps.iter().enumerate() {
        let _ = write!(graph, ";[s{n}]scale=-2:{height}[v{n}]");
    }
    command.args(["-filter_complex", &graph]);
    let mut streams = vec![];
    for (n, (_, bits)) in steps.iter().enumerate() {
        command.args(["-map", &format!("[v{n}]")]);
        command.args([
            format!("-b:v:{n}"),
            bits.to_string(),
            format!("-maxrate:v:{n}"),
            (bits * 5 / 4).to_string(),
        ]);
        command.args([format!("-bufsize:v:{n}"), (bits * 2).to_string()]);
        streams.push(if source.has_sound { format!("v:{n},a:{n}") } else { format!("v:{n}") });
    }
    for _ in steps.iter().filter(|_| source.has_sound) {
        command.args(["-map", "0:a:0"]);
    }
    command.args(["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-pix_fmt", "yuv420p"]);
    command.args(["-force_key_frames", "expr:gte(t,n_forced*6)", "-sc_threshold", "0"]);
    command.args([
        "-c:a",
        "aac",
        "-b:a",
        "96k",
        "-ac",
        "2",
        "-ar",
        "44100",
        "-progress",
        "pipe:1",
        "-nostats",
    ]);
    command.args(["-f", "hls", "-hls_time", SEGMENT_SECONDS, "-hls_playlist_type", "vod"]);
    command.args(["-master_pl_name", "index.m3u8", "-var_stream_map", &streams.join(" ")]);
    command.arg("-hls_segment_filename").arg(folder.join("v%v-%05d.ts")).arg(folder.join("v%v.m3u8"));
    command
}

/// A poster from a tenth of the film, and the small pictures with the list that says which belongs to when.
async fn pictures(file: &Path, folder: &Path, source: &Source) -> Result<(), Trouble> {
    let mut poster = Command::new("ffmpeg");
    poster.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-ss"]);
    poster.arg(format!("{:.1}", source.seconds / 10.0));
    poster.args(["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-i"]).arg(file);
    poster.args(["-frames:v", "1", "-vf", "scale=-2:540"]).arg(folder.join("poster.png"));
    run(&mut poster, PICTURES).await?;
    let sprite = Sprite::of(u64::try_from(whole(source.seconds.ceil())).unwrap_or(0));
    let mut tiles = opened("ffmpeg", file);
    tiles.args(["-vf", &sprite.filter()]).args(Sprite::OPTIONS).arg(folder.join(Sprite::PICTURES));
    run(&mut tiles, PICTURES).await?;
    fs::write(folder.join(Sprite::LIST), sprite.list()).await.map_err(Trouble::here)
}

async fn length(playlist: &Path) -> Result<i64, Trouble> {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"]).arg(playlist);
    let said = run(&mut command, PROBE).await?;
    let text = String::from_utf8_lossy(&said);
    let whole = text.split('.').next().unwrap_or_default().trim().parse();
    whole.map_err(|_| Trouble::new("film_length", text.trim()))
}

/// Down to whole numbers; what comes here was clamped or measured.
#[expect(clippy::cast_possible_truncation, reason = "values are percents, seconds and counts")]
fn whole(number: f64) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_gets_no_step_that_it_does_not_reach() {
        let heights = |h| steps(h).into_iter().map(|(h, _)| h).collect::<Vec<_>>();
        assert_eq!(heights(240), [360]);
        assert_eq!(heights(540), [360, 540]);
        assert_eq!(heights(1080), [360, 540, 720]);
    }

    #[tokio::test]
    async fn a_film_becomes_a_ladder_and_a_playlist_is_no_film() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a.mp4");
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-f", "lavfi", "-i", "testsrc=duration=14:size=320x568:rate=10"]);
        command.args(["-f", "lavfi", "-i", "sine=duration=14", "-shortest"]).arg(&source);
        run(&mut command, PROBE).await.unwrap();
        let out = folder.path().join("out");
        std::fs::create_dir(&out).unwrap();
        let progress = watch::Sender::new(0);
        let made = make(&source, &out, &progress).await.unwrap();
        assert!((13..=14).contains(&made.seconds), "{}", made.seconds);
        assert!(*progress.borrow() > 0);
        let master = std::fs::read_to_string(out.join("index.m3u8")).unwrap();
        assert_eq!(master.matches("#EXT-X-STREAM-INF").count(), 2, "{master}");
        for name in ["v0.m3u8", "v1.m3u8", "poster.png", "thumbs.jpg", "thumbs.vtt"] {
            assert!(out.join(name).exists(), "{name}");
        }

        let list = folder.path().join("evil.mp4");
        std::fs::write(&list, "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10,\nfile:///etc/passwd\n").unwrap();
        assert!(make(&list, &out, &progress).await.is_err());
    }
}
