/** Images and videos. Each is a job that is written down before it is paid, and saved before it is shown: `alltoken tasks` lists them. */
export {
  cancelVideo,
  generateImage,
  generateVideo,
  type ImageRequest,
  type ImageResult,
  type VideoRequest,
  type VideoResult,
} from 'alltoken-cli';
