/**
 * What the emulated registries hold: one folder an image, with its tags, configuration, files and program.
 *
 * - A program behaves as the real one does at its ports, in its log and at its end; what it cannot do it refuses.
 * - The everyday programs of an image (`ls`, `sh`) are the terminal's, handed in by whoever makes the cluster.
 * - Any other name does not exist, and a Pod that asks for it ends in ErrImagePull.
 * - `lab-image.ts` makes images from a lab's description; the system images are wired in `cluster/system-images.ts`.
 */
import { admissionWebhook } from './admission-webhook/index.ts';
import { agnhost, serveHostnameImage } from './agnhost/index.ts';
import { alpine } from './alpine/index.ts';
import { bash } from './bash/index.ts';
import { busybox, oldBusybox } from './busybox/index.ts';
import { curl } from './curl/index.ts';
import { debianImages } from './debian/index.ts';
import { fluentdElasticsearch } from './fluentd/index.ts';
import { grpcImages } from './grpc/index.ts';
import { guestbookImages } from './guestbook/index.ts';
import { helloImages } from './hello/index.ts';
import { hpaExample } from './hpa-example/index.ts';
import { httpd } from './httpd/index.ts';
import type { ImageDefinition } from './image.ts';
import { identityProvider } from './identity-provider/index.ts';
import { kubernetesTools } from './kubernetes-tools/index.ts';
import { mysqlImage } from './mysql/index.ts';
import { netshootImages } from './netshoot/index.ts';
import { nginx, nginxHttps, nginxSlim } from './nginx/index.ts';
import { pause } from './pause/index.ts';
import { perlImage } from './perl/index.ts';
import { pythonImage } from './python/index.ts';
import { redis } from './redis/index.ts';
import { serverImages } from './servers/index.ts';
import { socat } from './socat/index.ts';
import { stressImages } from './stress/index.ts';
import { wordpress } from './wordpress/index.ts';

export const images: readonly ImageDefinition[] = [
  ...debianImages,
  ...grpcImages,
  ...guestbookImages,
  ...helloImages,
  ...netshootImages,
  ...serverImages,
  ...stressImages,
  admissionWebhook,
  agnhost,
  alpine,
  bash,
  busybox,
  oldBusybox,
  curl,
  fluentdElasticsearch,
  hpaExample,
  httpd,
  identityProvider,
  kubernetesTools,
  mysqlImage,
  nginx,
  nginxHttps,
  nginxSlim,
  pause,
  perlImage,
  pythonImage,
  redis,
  serveHostnameImage,
  socat,
  wordpress,
];

export * from './image.ts';
export * from './lab-image.ts';
