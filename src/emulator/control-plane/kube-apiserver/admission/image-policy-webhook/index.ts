/**
 * ImagePolicyWebhook: asks a server whether the images of a Pod may run. Off by default, and not without a configuration.
 * Upstream: plugin/pkg/admission/imagepolicy/admission.go.
 */
import type { Pod } from '../../../../api/generated/types.ts';
import type { Call } from '../../../../kernel/index.ts';
import { forbidden } from '../../../../machinery/status-error.ts';
import { CallError } from '../../outbound/service-client.ts';
import { postReviewPatiently } from '../../outbound/patient-review.ts';
import type { ApiServer } from '../../server.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';
import type { ImagePolicyConfiguration } from './configuration.ts';

export type { ImagePolicyConfiguration } from './configuration.ts';

const timeoutMs = 30_000;
const failedOpen = 'imagepolicywebhook.image-policy.k8s.io/failed-open';
const maxRemembered = 1024;

interface ReviewStatus {
  readonly allowed: boolean;
  readonly reason?: string | undefined;
}

/** The plugin as flags name it; a server that enables it uses `imagePolicyWebhookWith`. */
export const imagePolicyWebhook: AdmissionPlugin = {
  name: 'ImagePolicyWebhook',
  resources: ['pods', 'pods/ephemeralcontainers'],
  operations: ['CREATE', 'UPDATE'],
};

export function imagePolicyWebhookWith(config: ImagePolicyConfiguration): AdmissionPlugin {
  const answers = new Map<string, { readonly status: ReviewStatus; readonly untilMs: number }>();

  function* statusOf(server: ApiServer, spec: object): Call<ReviewStatus> {
    const key = JSON.stringify(spec);
    const { loop } = server.kernel;
    const known = answers.get(key);
    if (known && known.untilMs > loop.now) return known.status;
    const status = yield* askBackend(server, config, spec);
    if (answers.size >= maxRemembered) answers.clear();
    answers.set(key, { status, untilMs: loop.now + (status.allowed ? config.allowMs : config.denyMs) });
    return status;
  }

  return {
    ...imagePolicyWebhook,
    *validate(server, attributes) {
      const refuse = (why: string): never => {
        throw forbidden({ group: '', resource: 'pods' }, attributes.object.metadata.name, why);
      };
      let status: ReviewStatus;
      try {
        status = yield* statusOf(server, specOf(attributes));
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (!config.defaultAllow) return refuse(error.message);
        // Unverified: the Pod itself is not marked, as releases before v1.13 did.
        (attributes.request.auditAnnotations ??= {})[failedOpen] = 'true';
        return;
      }
      if (status.allowed) return;
      refuse(
        status.reason
          ? `image policy webhook backend denied one or more images: ${status.reason}`
          : 'one or more images rejected by webhook backend',
      );
    },
  };
}

function specOf({ object, request }: AdmissionAttributes): object {
  const { metadata, spec } = object as Pod;
  const isEphemeral = request.subresource === 'ephemeralcontainers';
  const containers = isEphemeral ? (spec.ephemeralContainers ?? []) : [...spec.containers, ...(spec.initContainers ?? [])];
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => key.includes('.image-policy.k8s.io/'));
  return {
    containers: containers.map(({ image }) => ({ image })),
    ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
    namespace: request.namespace,
  };
}

/** Throws a CallError when nobody answers. */
function* askBackend(server: ApiServer, { backend, retryBackoffMs }: ImagePolicyConfiguration, spec: object): Call<ReviewStatus> {
  const review = { kind: 'ImageReview', apiVersion: 'imagepolicy.k8s.io/v1alpha1', metadata: {}, spec, status: { allowed: false } };
  const { status } = (yield* postReviewPatiently(server, backend, review, {
    timeoutMs,
    tellsTimeout: false,
    firstPauseMs: retryBackoffMs,
  })) as {
    readonly status?: Partial<ReviewStatus>;
  };
  return { allowed: status?.allowed === true, reason: status?.reason };
}
