/** Warnings about files of volumes that stand in each other's way: warningsForOverlappingVirtualPaths of pkg/api/pod/warnings.go. */
import { quote } from '../../../machinery/go-quote.ts';
import type { Volume, VolumeProjection } from '../../generated/types.ts';

/** A file, and of a projected volume whence it comes. */
interface Place {
  readonly path: string;
  readonly source?: string;
}

const placeText = ({ path, source }: Place): string => (source === undefined ? quote(path) : `${quote(path)} (${source})`);

const isInside = (path: string, folder: string): boolean => `${path}/`.startsWith(`${folder}/`);

function placesOf(items: readonly { readonly path: string }[] | undefined, source?: string): readonly Place[] {
  return (items ?? []).map(({ path }) => ({ path: path.replace(/\/+$/, ''), ...(source !== undefined && { source }) }));
}

function overlaps(places: readonly Place[]): readonly string[] {
  return places.flatMap((place, i) =>
    places
      .slice(0, i)
      .filter(({ path }) => path !== '' && place.path !== '' && (isInside(path, place.path) || isInside(place.path, path)))
      .map((other) => `${placeText(place)} with ${placeText(other)}`),
  );
}

function placesOfSource({ configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection): readonly Place[] {
  if (configMap?.items) return placesOf(configMap.items, `ConfigMap ${quote(configMap.name ?? '')}`);
  if (secret?.items) return placesOf(secret.items, `Secret ${quote(secret.name ?? '')}`);
  if (downwardAPI?.items) return placesOf(downwardAPI.items, 'DownwardAPI');
  return serviceAccountToken ? placesOf([serviceAccountToken], 'ServiceAccountToken') : [];
}

const isEmpty = (source: VolumeProjection): boolean => Object.values(source).every((value) => value === undefined || value === null);

/** Warnings about one volume. */
export function pathWarnings({ name, configMap, secret, downwardAPI, projected }: Volume): readonly string[] {
  const about = (kind: string, places: readonly Place[]): readonly string[] =>
    overlaps(places).map((text) => `volume ${quote(name)} (${kind}): overlapping paths: ${text}`);
  const sources = projected?.sources ?? [];
  return [
    ...about(`ConfigMap ${quote(configMap?.name ?? '')}`, placesOf(configMap?.items)),
    ...about(`Secret ${quote(secret?.secretName ?? '')}`, placesOf(secret?.items)),
    ...about('DownwardAPI', placesOf(downwardAPI?.items)),
    ...sources.filter(isEmpty).map(() => `volume ${quote(name)} (Projected) has no sources provided`),
    ...about('Projected', sources.flatMap(placesOfSource)),
  ];
}
