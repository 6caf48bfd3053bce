// Numbers of a run, for people.
export const mebibyte = 1_048_576;

export function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(numbers) {
  return quantile(numbers, 0.5);
}

export function mib(bytes) {
  return `${(bytes / mebibyte).toFixed(0)} MiB`;
}

export function reportLatencies(title, latencies, what) {
  const [p50, p99] = [median(latencies), quantile(latencies, 0.99)].map((ms) => `${ms.toFixed(1)} ms`);
  console.log(`  ${title.padEnd(14)} median ${p50}, 99 of 100 within ${p99}, ${latencies.length} ${what}`);
}
