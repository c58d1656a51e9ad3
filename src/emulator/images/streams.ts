import type { Call, DuplexStream, Fiber, Peer, Sys } from '../kernel/index.ts';

/** Serves each connection beside the program until one of the two ends; what has ended is forgotten when the next one comes. */
export function serveStreams(
  sys: Sys,
  serve: (stream: DuplexStream, peer: Peer) => Call<void>,
): (stream: DuplexStream, peer: Peer) => void {
  const fibers = new Set<Fiber>();
  sys.own(() => {
    for (const fiber of fibers) fiber.cancel();
  });
  return (stream, peer) => {
    for (const fiber of fibers) if (fiber.isDone) fibers.delete(fiber);
    fibers.add(sys.kernel.fiber(serve(stream, peer), { background: true }));
  };
}
