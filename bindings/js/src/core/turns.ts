/** Turns of the event loop: a long run gives way between its slices, so that the page and its timers come in. */

/** Timers take no longer delays than this. */
export const TIMER_MS_MAX = 2 ** 31 - 1;

type Immediate = (callback: () => void) => unknown;

/** Resolves in a later task. Timers would be late: they are clamped to 4 ms. */
export const turn: () => Promise<void> = makeTurn();

function makeTurn(): () => Promise<void> {
  const immediate = (globalThis as { setImmediate?: Immediate }).setImmediate;
  if (immediate !== undefined) return () => new Promise<void>((resolve) => immediate(resolve));
  let channel: MessageChannel | null = null;
  const waiting: (() => void)[] = [];
  return () =>
    new Promise<void>((resolve) => {
      if (channel === null) {
        channel = new MessageChannel();
        channel.port1.onmessage = () => waiting.shift()?.();
      }
      waiting.push(resolve);
      channel.port2.postMessage(null);
    });
}
