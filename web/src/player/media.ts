// Gives the video its source: hls.js where the browser needs it, the browser itself where it can.
import Hls from "hls.js/light";

export function attach(video: HTMLVideoElement, url: string, failed: (text: string) => void): void {
  const text = "视频暂时无法播放，请检查网络后刷新页面。已认定的时间不受影响。";
  if (!url.endsWith(".m3u8")) {
    video.src = url;
  } else if (Hls.isSupported()) {
    // No worker: it would come from a blob, which the content policy forbids.
    const hls = new Hls({ enableWorker: false, maxBufferLength: 60 });
    let mended = 0;
    hls.on(Hls.Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      if (data.type === Hls.ErrorTypes.NETWORK_ERROR && mended++ < 20) setTimeout(() => hls.startLoad(), 3000);
      else if (data.type === Hls.ErrorTypes.MEDIA_ERROR && mended++ < 20) hls.recoverMediaError();
      else failed(text);
    });
    hls.loadSource(url);
    hls.attachMedia(video);
    return;
  } else if (video.canPlayType("application/vnd.apple.mpegurl")) {
    video.src = url;
  } else {
    return failed("这个浏览器不能播放课程，请换用新版 Edge、Chrome、Firefox 或 Safari。");
  }
  video.addEventListener("error", () => failed(text));
}
