/** A change of the program that breaks a promise, and the test that must fail because of it. */
export interface Mutant {
  /** Names it on the command line. */
  readonly id: string;
  /** The changed file, from the root of the repository. */
  readonly file: string;
  /** What is replaced; occurs once in the file. */
  readonly find: string;
  readonly replace: string;
  /** What a person would lose, or see, if the program were like this. */
  readonly breaks: string;
  /** The file of the test, from the root of the repository. */
  readonly test: string;
  /** Words of the test's title, as they stand in its source. */
  readonly title: string;
}
