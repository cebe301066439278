//! A PDF into pages: a picture for every browser, the text for screen readers and search, and the time that reading each
//! page takes. The document is done when every page had its time.
use std::{path::Path, time::Duration};

use tokio::{process::Command, sync::watch};

use crate::{
    material::{Made, Trouble},
    tool::run,
};

/// Chinese is read silently at about 300 to 400 characters a minute; who studies reads slower.
const CHARACTERS_PER_MINUTE: i64 = 300;
/// A page of pictures is looked at, and none is crowded beyond what anyone would read.
const LEAST_SECONDS: i64 = 15;
const MOST_SECONDS: i64 = 300;
const MOST_PAGES: i64 = 500;
const TOOL: Duration = Duration::from_mins(5);

/// Makes the pages.
pub(crate) async fn make(file: &Path, folder: &Path, progress: &watch::Sender<i64>) -> Result<Made, Trouble> {
    let pages = count(file).await?;
    let mut times = vec![];
    for page in 1..=pages {
        times.push(reading_time(&text(file, folder, page).await?));
        draw(file, folder, page).await?;
        progress.send_replace(page * 100 / pages);
    }
    let detail = serde_json::json!({"pages": times}).to_string();
    Ok(Made { seconds: times.iter().sum(), detail })
}

async fn count(file: &Path) -> Result<i64, Trouble> {
    let said = run(Command::new("pdfinfo").arg(file), TOOL).await.map_err(unreadable)?;
    let said = String::from_utf8_lossy(&said);
    let field = |name: &str| said.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
    if field("Encrypted:").is_some_and(|e| e.starts_with("yes")) {
        return Err(Trouble::new("document_locked", ""));
    }
    let pages = field("Pages:").and_then(|p| p.parse().ok()).unwrap_or(0);
    if (1..=MOST_PAGES).contains(&pages) {
        Ok(pages)
    } else {
        Err(Trouble::new("document_pages", &pages.to_string()))
    }
}

fn unreadable(trouble: Trouble) -> Trouble {
    let is_ours = matches!(trouble.code, "tool_missing" | "tool_failed");
    if is_ours { trouble } else { Trouble::new("document_unreadable", &trouble.detail) }
}

async fn text(file: &Path, folder: &Path, page: i64) -> Result<String, Trouble> {
    let number = page.to_string();
    let mut command = Command::new("pdftotext");
    command.args(["-f", &number, "-l", &number, "-enc", "UTF-8", "-nopgbrk"]).arg(file).arg("-");
    let text = String::from_utf8_lossy(&run(&mut command, TOOL).await?).trim().to_owned();
    let path = folder.join(format!("page-{page:03}.txt"));
    tokio::fs::write(path, &text).await.map_err(Trouble::here)?;
    Ok(text)
}

/// Wide enough for a desk's screen, small enough for a phone's connection.
async fn draw(file: &Path, folder: &Path, page: i64) -> Result<(), Trouble> {
    let number = page.to_string();
    let mut command = Command::new("pdftoppm");
    command.args(["-f", &number, "-l", &number, "-singlefile", "-jpeg", "-jpegopt", "quality=80"]);
    command
        .args(["-scale-to-x", "1280", "-scale-to-y", "-1"])
        .arg(file)
        .arg(folder.join(format!("page-{page:03}")));
    run(&mut command, TOOL).await?;
    Ok(())
}

/// How long a page takes: its characters, Latin words counted as two each.
fn reading_time(text: &str) -> i64 {
    let is_latin = |c: char| c.is_ascii_alphanumeric();
    let words = text.split(|c: char| !is_latin(c)).filter(|w| !w.is_empty()).count() * 2;
    let others = text.chars().filter(|c| c.is_alphanumeric() && !c.is_ascii()).count();
    let characters = i64::try_from(words + others).unwrap_or(i64::MAX / 60);
    (characters * 60 / CHARACTERS_PER_MINUTE).clamp(LEAST_SECONDS, MOST_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_time_follows_the_text() {
        assert_eq!(reading_time(""), 15);
        assert_eq!(reading_time(&"消".repeat(300)), 60);
        assert_eq!(reading_time("one two three. "), 15);
        assert_eq!(reading_time(&"word ".repeat(300)), 120);
        assert_eq!(reading_time(&"消".repeat(100_000)), 300);
    }

    #[tokio::test]
    async fn what_is_no_pdf_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.pdf");
        std::fs::write(&file, b"%PDF-1.4 nothing").unwrap();
        let trouble = make(&file, folder.path(), &watch::Sender::new(0)).await.err().unwrap();
        assert_eq!(trouble.code, "document_unreadable");
    }
}
