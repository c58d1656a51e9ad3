import type { Plugin, PluginFactory } from '../../framework.ts';

const name = 'ImageLocality';
const mebibyte = 1024 * 1024;
const minBytes = 23 * mebibyte;
const maxBytesPerContainer = 1000 * mebibyte;

const plugin: Plugin = {
  name,
  silentScore: 0,
  preScore({ podClass: { images }, cache }) {
    const columns = images.map((image) => cache.images.get(image)).filter((column) => column !== undefined && column.nodes > 0);
    if (columns.length === 0) return undefined;
    const most = maxBytesPerContainer * images.length;
    const shares = columns.map((column) => column!.nodes / cache.nodes.length);
    return ({ indices, count }, out) => {
      for (let n = 0; n < count; n++) {
        let sum = 0;
        for (let c = 0; c < columns.length; c++) sum += Math.floor((columns[c]!.bytes[indices[n]!] ?? 0) * shares[c]!);
        out[n] = Math.floor((100 * (Math.min(Math.max(sum, minBytes), most) - minBytes)) / (most - minBytes));
      }
    };
  },
};

/** Prefers nodes that hold the Pod's images, weighed by how many nodes hold them so that one node does not attract all. */
export const imageLocality: PluginFactory = { name, points: ['score'], make: () => plugin };
