import cliProgress from 'cli-progress';

const barWidthMax = 30;
const barWidthMin = 5;

export interface Bar {
  /** Shows a share from 0 to 1 and a text that is safe for a terminal. */
  show(share: number, text: string): void;
  stop(): void;
}

/** A progress bar on stderr; gone when it stops. */
export function startBar(): Bar {
  const width = process.stderr.columns;
  const barsize = Math.max(barWidthMin, Math.min(barWidthMax, width - 50));
  const format = '{bar} {percentage}% {text}';
  const options = { format, barsize, hideCursor: true, clearOnComplete: true, stream: process.stderr };
  const bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic);
  const room = Math.max(0, width - barsize - 7);
  bar.start(100, 0, { text: '' });
  return {
    show: (share, text) => bar.update(Math.floor(share * 100), { text: text.slice(0, room) }),
    stop: () => bar.stop(),
  };
}
