//! A lecture's film, made once: `{out_dir}/{lecture_id}/` appears whole or not at all.

use std::path::{Path, PathBuf};

use documents::Typesetter;
use tokio::fs;

use super::film::{self, PLAYLIST};
use super::{CourseSource, LectureError, LectureSource, Theme, captions, slides, speech};

/// What lectures are made with.
#[derive(Clone)]
pub struct Workshop {
    typesetter: Typesetter,
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
    espeak: Option<PathBuf>,
}

/// A lecture that can be played from `{out_dir}/{lecture_id}/index.m3u8`; beside it lie
/// `captions.vtt`, `poster.png` and the small pictures for the seek bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MadeLecture {
    /// How long it really is, rounded down.
    pub seconds: u32,
}

impl Workshop {
    /// With the programs of the search path. Without espeak-ng the lectures are silent, which is
    /// logged here once; without ffmpeg [`make`] fails.
    pub async fn open(typesetter: Typesetter) -> Self {
        let espeak = PathBuf::from("espeak-ng");
        let can_speak = speech::is_installed(&espeak).await;
        if !can_speak {
            tracing::warn!("espeak-ng is not installed: lectures are made without speech");
        }
        Self {
            typesetter,
            ffmpeg: PathBuf::from("ffmpeg"),
            ffprobe: PathBuf::from("ffprobe"),
            espeak: can_speak.then_some(espeak),
        }
    }
}

/// Makes the film of `lecture` under `out_dir` unless it is there, and measures it.
pub async fn make(
    workshop: &Workshop,
    course: &CourseSource,
    lecture: &LectureSource,
    theme: &Theme,
    out_dir: &Path,
) -> Result<MadeLecture, LectureError> {
    let home = out_dir.join(&lecture.id);
    if !exists(&home.join(PLAYLIST)).await? {
        let bench = out_dir.join(format!(".{}-{}", lecture.id, std::process::id()));
        let made = make_at(workshop, course, lecture, theme, &bench).await;
        let placed = match made {
            Ok(()) => place(&bench.join("film"), &home).await,
            Err(error) => Err(error),
        };
        // what is left is only scrap: the error that counts is the one above
        let _ = fs::remove_dir_all(&bench).await;
        placed?;
    }
    let seconds = film::seconds(&workshop.ffprobe, &home).await?;
    tracing::info!(lecture = lecture.id, seconds, "lecture is ready");
    Ok(MadeLecture { seconds })
}

/// Everything happens in `bench`; the finished film lies in `bench/film`.
async fn make_at(
    workshop: &Workshop,
    course: &CourseSource,
    lecture: &LectureSource,
    theme: &Theme,
    bench: &Path,
) -> Result<(), LectureError> {
    let film = bench.join("film");
    fs::create_dir_all(&film).await.map_err(LectureError::file(&film))?;
    let pictures = slides::draw(&workshop.typesetter, course, lecture, theme).await?;
    let mut spoken = Vec::with_capacity(pictures.len());
    for slide in &lecture.slides {
        spoken.push(speech::speak(workshop.espeak.as_deref(), &slide.narration, bench).await?);
    }
    let mut shots = Vec::with_capacity(pictures.len());
    for (index, (picture, spoken)) in pictures.iter().zip(&spoken).enumerate() {
        let name = format!("slide{index}.png");
        write(&bench.join(&name), picture).await?;
        shots.push((name, spoken.frames));
    }
    let sound = bench.join("sound.raw");
    speech::write_raw(&sound, &spoken).await?;
    film::cut(&workshop.ffmpeg, &shots, &sound, &film).await?;

    let texts = lecture.slides.iter().map(|slide| slide.narration.as_str());
    let captions = captions::webvtt(texts.zip(spoken.iter().map(|spoken| spoken.frames)));
    write(&film.join("captions.vtt"), captions.as_bytes()).await?;
    if let Some(first) = pictures.first() {
        write(&film.join("poster.png"), first).await?;
    }
    Ok(())
}

/// Renames the finished film to its place; if another process was quicker, its film stays.
async fn place(film: &Path, home: &Path) -> Result<(), LectureError> {
    match fs::rename(film, home).await {
        Ok(()) => Ok(()),
        Err(_) if exists(&home.join(PLAYLIST)).await? => Ok(()),
        Err(error) => Err(LectureError::file(home)(error)),
    }
}

async fn exists(path: &Path) -> Result<bool, LectureError> {
    fs::try_exists(path).await.map_err(LectureError::file(path))
}

async fn write(path: &Path, content: &[u8]) -> Result<(), LectureError> {
    fs::write(path, content).await.map_err(LectureError::file(path))
}

#[cfg(test)]
mod tests {
    use super::super::{SlideSource, courses, theme};
    use super::*;

    #[tokio::test]
    async fn a_short_lecture_is_really_made_and_measured() {
        let folder = tempfile::tempdir().unwrap();
        let workshop = Workshop::open(Typesetter::load().unwrap()).await;
        let course = courses("ischinese").unwrap().remove(0);
        let slide = |points: &[&str], narration: &str| SlideSource {
            heading: "发现火情".to_owned(),
            points: points.iter().map(|&point| point.to_owned()).collect(),
            narration: narration.to_owned(),
        };
        let lecture = LectureSource {
            id: "short".to_owned(),
            title: "短片".to_owned(),
            slides: vec![
                slide(&[], "各位同事，大家好，今天说消防。"),
                slide(&["拨打 119"], "发现火灾，立即报警，有序疏散。"),
            ],
        };
        let look = theme("ischinese").unwrap();
        let made = make(&workshop, &course, &lecture, &look, folder.path()).await.unwrap();
        assert!((6..=20).contains(&made.seconds), "{}", made.seconds);

        let home = folder.path().join("short");
        let playlist = std::fs::read_to_string(home.join(PLAYLIST)).unwrap();
        assert!(playlist.contains("#EXT-X-ENDLIST"), "{playlist}");
        assert!(home.join("captions.vtt").exists() && home.join("poster.png").exists());
        let thumbs = std::fs::read_to_string(home.join("thumbs.vtt")).unwrap();
        assert!(thumbs.contains("thumbs.jpg#xywh=0,0,160,90"), "{thumbs}");
        assert!(std::fs::metadata(home.join("thumbs.jpg")).unwrap().len() > 1_000);
        let sound = sound_seconds(&home.join(PLAYLIST)).await;
        assert!(
            (sound - f64::from(made.seconds)).abs() < 1.5,
            "{sound} s of sound in {} s of film",
            made.seconds
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left on the bench");

        let before = std::fs::metadata(home.join(PLAYLIST)).unwrap().modified().unwrap();
        assert_eq!(make(&workshop, &course, &lecture, &look, folder.path()).await.unwrap(), made);
        assert_eq!(std::fs::metadata(home.join(PLAYLIST)).unwrap().modified().unwrap(), before);
    }

    /// How much sound the film really carries: the playlist's length alone says nothing of it.
    async fn sound_seconds(playlist: &Path) -> f64 {
        let mut command = tokio::process::Command::new("ffprobe");
        command.args([
            "-v",
            "error",
            "-select_streams",
            "a",
            "-show_entries",
            "packet=pts_time",
            "-of",
            "csv=p=0",
        ]);
        let packets = film::run(command.arg(playlist), "ffmpeg").await.unwrap();
        let times = packets.lines().filter_map(|line| line.trim_end_matches(',').parse::<f64>().ok());
        let (first, last) =
            times.fold((f64::MAX, 0.0), |(first, last), time| (time.min(first), time.max(last)));
        last - first
    }

    #[tokio::test]
    async fn without_ffmpeg_the_package_is_named_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let mut workshop = Workshop::open(Typesetter::load().unwrap()).await;
        workshop.ffmpeg = PathBuf::from("/nowhere/ffmpeg");
        let course = courses("webtrn").unwrap().remove(0);
        let lecture = course.lectures.first().unwrap();
        let result = make(&workshop, &course, lecture, &theme("webtrn").unwrap(), folder.path()).await;
        assert!(result.unwrap_err().to_string().contains("apt-get install ffmpeg"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
