// node scripts/ci-summary.mjs REPORT
// Prints "N passed, N failed, N skipped" from a vitest JSON report; exits 1 on a failure, when nothing ran, or when
// there is no report to read.
import fs from 'node:fs';

/** Counts of a report; a file that failed before its first test counts as one failure. */
function countsOf(report) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
    good: report.success === true,
  };
}

function read(file) {
  try {
    return countsOf(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch (error) {
    console.error(`No usable test report: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0, good: false };
  }
}

const { passed, failed, skipped, good } = read(process.argv[2]);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = good && failed === 0 && passed > 0 ? 0 : 1;
